"""Agents of the CRUD pipeline: FastAPI, SQLite, Streamlit and pytest."""

from pathlib import Path

from flagbench_generators.kernel.pipeline import Agent, Pipeline

CRUD = Pipeline(
    name="crud",
    root=Path(__file__).parent,
    template_variable="entity",
    agents=(
        Agent(
            kind="database",
            role="You are the database engineer of a team that builds small business applications. "
            "You write SQLite schemas and the migrations that keep the data of earlier versions.",
            task="with the schema and the migration of the entity",
            path="app/schemas/{module}.py",
            heading="Database module",
        ),
        Agent(
            kind="backend",
            role="You are the backend engineer of a team that builds small business applications. "
            "You write FastAPI routers with Pydantic models on the database module of a colleague.",
            task="with the Pydantic models and the router of the entity",
            path="app/routes/{module}.py",
            heading="Routes module",
            needs=("database",),
        ),
        Agent(
            kind="frontend",
            role="You are the frontend engineer of a team that builds small business applications. "
            "You write Streamlit pages that talk to the application's HTTP API.",
            task="with the Streamlit page of the entity",
            path="app/pages/{module}.py",
            heading="Page",
        ),
        Agent(
            kind="tests",
            role="You are the test engineer of a team that builds small business applications. "
            "You write pytest integration tests against the application's HTTP API.",
            task="with the integration tests of the entity",
            path="tests/test_{module}.py",
            heading="Tests",
            needs=("backend",),
        ),
    ),
)
