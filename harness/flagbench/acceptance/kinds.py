"""The kinds of artifacts that can be proven: who judges them, and what stands around them."""

from collections.abc import Mapping
from dataclasses import dataclass

from flagbench.acceptance.crud import fastapi_routes, pytest_suite, sqlite_schema, streamlit_page
from flagbench.acceptance.django import case, judge
from flagbench.acceptance.proof import AnyJudge, Judge
from flagbench.scenario.specification import Entity

# The checks of a file's text, which every kind has before its own.
TEXT_CHECKS = ("parses", "flake8", "black", "duplicates", "vocabulary")
SCHEMA_PATH = "app/schemas/{module}.py"
ROUTES_PATH = "app/routes/{module}.py"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of which every entity has a file.

    `path` is the file of an entity. `needs` are the files of the same entity and
    `related_needs` those of the entities it points at that stand in its application.
    """

    judge: Judge
    checks: tuple[str, ...]
    path: str
    needs: tuple[str, ...]
    related_needs: tuple[str, ...] = (SCHEMA_PATH,)

    def path_of(self, entity: Entity) -> str:
        """Where the file of an entity stands."""
        return self.path.format(module=entity.module)


KINDS: Mapping[str, Kind] = {
    "sqlite-schema": Kind(sqlite_schema.judge, sqlite_schema.CHECKS, SCHEMA_PATH, ()),
    "fastapi-routes": Kind(
        fastapi_routes.judge, fastapi_routes.CHECKS, ROUTES_PATH, (SCHEMA_PATH,)
    ),
    "streamlit-page": Kind(
        streamlit_page.judge,
        streamlit_page.CHECKS,
        "app/pages/{module}.py",
        (SCHEMA_PATH, ROUTES_PATH),
    ),
    "pytest-tests": Kind(
        pytest_suite.judge,
        pytest_suite.CHECKS,
        "tests/test_{module}.py",
        (SCHEMA_PATH, ROUTES_PATH),
        (SCHEMA_PATH, ROUTES_PATH),
    ),
}
# Who judges what: a kind of file, or a whole project.
JUDGES: Mapping[str, AnyJudge] = {
    **{name: kind.judge for name, kind in KINDS.items()},
    case.KIND: judge.judge,
}
# The extra whose libraries a kind is judged with.
EXTRA_OF: Mapping[str, str] = {**dict.fromkeys(KINDS, "crud"), case.KIND: "django"}
