"""Systems that break their contract where few requests look, in each framework, are refuted."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

import pytest
from sampled import sampled

from flagbench.acceptance import node
from flagbench.acceptance.enterprise.case import Systems
from flagbench.acceptance.enterprise.components import COMPONENTS
from flagbench.acceptance.proof import Proof
from flagbench.acceptance.proof_cache import ProofCache
from flagbench.acceptance.prover import Prover
from flagbench.scenario.brief import read
from flagbench.simulator.enterprise.drafting import STYLES, render
from flagbench.simulator.enterprise.order import order_in
from flagbench.simulator.enterprise.slips import SLIPS
from flagbench.simulator.prompt_parser import split_sections
from flagbench.simulator.rng import Rng
from flagbench_generators.enterprise.agents import agents_of
from flagbench_generators.enterprise.prompts import EnterprisePrompts, texts
from flagbench_generators.enterprise.read_brief import read_brief
from flagbench_generators.enterprise.scaffold import scaffold_of
from flagbench_generators.kernel.drafting import rendered
from flagbench_generators.kernel.prompt_builder import Job

FRAMEWORKS = ("FastAPI", "Flask", "Django", "Express")
ALL_ROWS = """
@router.get("/debug/<table>")
def dump(table: str) -> Answer:
    \"\"\"All rows of a table.\"\"\"
    return jsonify(services.list_rows(table))


def add_entity(entity: str)"""
HIDDEN = """
@app.get("/rows", include_in_schema=False)
def dump() -> dict[str, int]:
    \"\"\"Count the rows.\"\"\"
    return {"rows": 1}


@app.get("/metrics\""""
STARTS = '    path("health", health),\n'
NUMBER = "isinstance(value, (int, float)) and abs(value) < _LIMIT"
INTEGER = "isinstance(value, int) and abs(value) < _LIMIT"
NO_BOOL = "    if isinstance(value, bool):\n        return False\n"
ENCRYPTED = "            value = encrypt(value)\n"
COERCED = """    values = request.get_json(silent=True)
    if not isinstance(values, dict):
        return values
    return {name: 1 if one is True else one for name, one in values.items()}
"""
# Framework, the kind of the file, the edit, and the check that refuses it.
WRONG = {
    "a route that nothing describes": (
        "FastAPI", "main", '\n@app.get("/metrics"', HIDDEN, "other-paths"),
    "tables for anybody": (
        "Flask", "controllers", "\ndef add_entity(entity: str)", ALL_ROWS, "other-paths"),
    "a page for anybody": (
        "Django", "controllers", STARTS, f'{STARTS}    path("admin/users", health),\n',
        "other-paths"),
    "a route that does not say its paths": (
        "Express", "main", "app.use(router);", "app.get(/^\\/debug$/, (request, response) =>\n"
        "  response.json({ memory: process.memoryUsage() }));\napp.use(router);", "other-paths"),
    "rows on a router elsewhere": (
        "Express", "controllers", "const api = express.Router();",
        "const api = express.Router();\nconst open = express.Router();\n"
        "open.get('/:table', (request, response) =>\n"
        "  response.json(services.listRows(request.params.table)));\nrouter.use('/raw', open);",
        "other-paths"),
    "the database as a file": (
        "Express", "main", "app.use(measure);", "app.use(measure);\napp.use(express.static('.'));",
        "other-paths"),
    "addresses that only the services compare": (
        "Flask", "models", "TEXT NOT NULL UNIQUE", "TEXT NOT NULL", "tables"),
    "columns that may be empty": (
        "Django", "models", '"integer": "INTEGER NOT NULL"', '"integer": "INTEGER"', "tables"),
    "rows that outlive their person": (
        "FastAPI", "models", "ON DELETE CASCADE", "ON DELETE RESTRICT", "tables"),
    "ids that are used again": (
        "Express", "models", "PRIMARY KEY AUTOINCREMENT", "PRIMARY KEY", "tables"),
    "addresses that only the services compare, in JavaScript": (
        "Express", "models", "TEXT NOT NULL UNIQUE", "TEXT NOT NULL", "tables"),
    "a boolean is a number": ("FastAPI", "services", NO_BOOL, "", "interface"),
    "a fraction is an integer": (
        "Django", "services", INTEGER, INTEGER.replace("int)", "(int, float))"), "interface"),
    "a number in words": (
        "Flask", "services", f"return {NUMBER}",
        'return str(value).replace(".", "").isdigit()', "interface"),
    "a boolean is made a number": (
        "Flask", "controllers", "    return request.get_json(silent=True)\n", COERCED,
        "validation"),
    "a number in words, in JavaScript": (
        "Express", "services", "Number.isFinite(value)",
        "value !== null && Number.isFinite(Number(value))",
        "validation"),
    "a list for a text": (
        "Express", "services", "if (kind === 'text') return typeof value === 'string';",
        "if (kind === 'text') return typeof value === 'string' || Array.isArray(value);",
        "validation"),
    "short texts": (
        "Express", "services", "    stored[name] = kind",
        "    stored[name] = kind === 'text' ? value.slice(0, 255) : kind",
        "validation"),
    "texts that end at a character": (
        "Flask", "services", ENCRYPTED,
        ENCRYPTED + '        elif kind == "text":\n            value = value.partition("\\0")[0]\n',
        "interface"),
    "integers of 32 bits": (
        "Django", "services", ENCRYPTED,
        ENCRYPTED + '        elif kind == "integer":\n            value.to_bytes(4, "big")\n',
        "interface"),
    "an id beyond 64 bits": (
        "FastAPI", "services", "    if abs(row_id) >= _LIMIT:", "    if row_id < 0:", "numbers"),
    "an integer beyond 64 bits": (
        "Django", "services", INTEGER, "isinstance(value, int)", "numbers"),
    "a number that is infinite": (
        "Flask", "services", f"return {NUMBER}", "return isinstance(value, (int, float))",
        "numbers"),
    "a number that only a float may be": (
        "FastAPI", "services", NUMBER,
        NUMBER.replace("abs(value) < _LIMIT", "abs(value) < float(\"inf\")"), "numbers"),
    "an integer that is rounded": (
        "Express", "services", "Number.isSafeInteger", "Number.isInteger", "numbers"),
    "a number that is stored as none": (
        "Express", "services", "Number.isFinite(value)", "typeof value === 'number'", "numbers"),
    "a token for minutes": (
        "FastAPI", "auth", "LIFETIME_SECONDS = 3600", "LIFETIME_SECONDS = 600", "expiry"),
    "a token for minutes, in JavaScript": (
        "Express", "auth", "LIFETIME_SECONDS = 3600", "LIFETIME_SECONDS = 600", "expiry"),
}  # fmt: skip
# Framework, the kind of the file, and the edits.
RIGHT = {
    "an index keeps addresses apart": (
        "Flask", "models", '    "email": "TEXT NOT NULL UNIQUE",', '    "email": "TEXT NOT NULL",',
        "{', '.join(parts)})\"\n            )\n",
        "{', '.join(parts)})\"\n            )\n"
        '            if "email" in columns:\n                connection.execute(\n'
        '                    f"CREATE UNIQUE INDEX IF NOT EXISTS {table}_email"\n'
        '                    f" ON {table} (email)"\n                )\n'),
    "a whole number with a point is an integer": (
        "Django", "services", f"return {INTEGER}",
        f"if not ({NUMBER}):\n"
        "        return False\n    return value == int(value)"),
    "an id that the route refuses": (
        "FastAPI", "controllers", "from fastapi import APIRouter",
        "import fastapi\nfrom fastapi import APIRouter", "    def get_row(row_id: int)",
        "    Id = Annotated[int, fastapi.Path(lt=2**63)]\n\n    def get_row(row_id: Id)"),
    "a large integer in a column for numbers": (
        "Flask", "services", NUMBER, "isinstance(value, (int, float)) and abs(value) < 1e300",
        "        stored[name] = value",
        '        stored[name] = float(value) if kind == "number" else value'),
    "a further path for users": (
        "Express", "controllers", "api.get('/privacy/:email/export'",
        "api.get('/users/me', (request, response) => response.json(request.user));\n"
        "api.get('/privacy/:email/export'"),
    "an application that is wrapped": (
        "FastAPI", "main", "from fastapi.responses",
        "from fastapi.middleware.gzip import GZipMiddleware\nfrom fastapi.responses",
        "    return PlainTextResponse(render())\n",
        "    return PlainTextResponse(render())\n\n\napp = GZipMiddleware(app)\n"),
}  # fmt: skip


@cache
def request(framework: str) -> str:
    """A brief for a framework."""
    language = "JavaScript" if framework == "Express" else "Python"
    return (
        f"name: shop\ntech_stack: {{language: {language}, framework: {framework}}}\n"
        "system_design: {scale: enterprise, deployment: kubernetes}\n"
        "requirements_analysis: {domain: e-commerce, compliance: [GDPR]}\n"
    )


@cache
def files(framework: str) -> Mapping[str, str]:
    """An application: that of the simplified templates."""
    text = request(framework)
    project, builder = read_brief(text), EnterprisePrompts(texts(), True)
    jobs = [Job(agent, project, "", (), "") for agent in agents_of(project)]
    return {**scaffold_of([text]), **{job.path: rendered(job, builder) for job in jobs}}


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    """A prover without a cache on disk."""
    one = Prover(ProofCache(None))
    yield one
    one.close()


def prove(framework: str, kind: str, prover: Prover, *edits: str) -> Proof:
    """The proof of a component, with edits of its file, each an old text and a new one."""
    if framework == "Express" and node.find() is None:
        pytest.skip("no Node.js with express: make tools")
    brief = read(request(framework))
    path = COMPONENTS[kind].path_in(brief)
    text = files(framework)[path]
    for old, new in zip(edits[::2], edits[1::2], strict=True):
        assert text.count(old) == 1, (path, old)
        text = text.replace(old, new)
    edited = {**files(framework), path: text}
    return prover.prove(Systems({}).case(brief, COMPONENTS[kind], edited))


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_an_application_is_accepted(framework: str, prover: Prover) -> None:
    """Whatever the framework."""
    for kind in ("models", "services", "controllers", "main", "auth"):
        assert prove(framework, kind, prover).message == ""


@pytest.mark.parametrize(
    ("framework", "kind", "old", "new", "check"), sampled(WRONG.values(), 7), ids=WRONG
)
def test_a_wrong_variant_is_refused(
    framework: str, kind: str, old: str, new: str, check: str, prover: Prover
) -> None:
    """By the check that it is for."""
    proof = prove(framework, kind, prover, old, new)
    assert proof.check == check, proof.message


@pytest.mark.parametrize("style", STYLES)
def test_numbers_are_what_the_simulated_model_forgets_by_a_slip(style: str, prover: Prover) -> None:
    """In both styles of its services, which are accepted without it."""
    project, builder = read_brief(request("Django")), EnterprisePrompts(texts(), False)
    agent = next(agent for agent in agents_of(project) if agent.kind == "services")
    job = Job(agent, project, "", (), "")
    order = order_in(split_sections(builder.make(job).user), "", ())
    assert order is not None
    draws = next(
        draws
        for draws in (Rng.of(number, {}, 1, 1) for number in range(20))
        if draws.pick("style", STYLES) == style
    )
    checks = []
    for slips in ((), [slip for slip in SLIPS if slip.name == "unbounded_numbers"]):
        text = render("services", order, slips, draws)
        checks.append(prove("Django", "services", prover, files("Django")[job.path], text).check)
    assert checks == ["", "numbers"]


def test_a_template_needs_what_the_standards_say_of_other_files(prover: Prover) -> None:
    """A model's controls of the GDPR have no error for those who may not approve."""
    if node.find() is None:
        pytest.skip("no Node.js with express: make tools")
    brief = read(request("Express"))
    path = COMPONENTS["compliance"].path_in(brief)
    text = re.sub(r"\n  (Forbidden|PermissionError),", "", files("Express")[path])
    system = Systems({}).case(brief, COMPONENTS["main"], {**files("Express"), path: text})
    assert prover.prove(system).message == ""


def test_the_file_that_raises_is_named_whatever_the_framework(prover: Prover) -> None:
    """Django itself logs nothing of an exception behind a 500."""
    for framework in FRAMEWORKS[:3]:
        old, new = "    if abs(row_id) >= _LIMIT:", "    if row_id < 0:"
        proof = prove(framework, "services", prover, old, new)
        assert "OverflowError" in proof.message, framework
        assert "(core/services/services.py line " in proof.message, framework


@pytest.mark.parametrize("variant", RIGHT.values(), ids=RIGHT)
def test_what_the_contract_leaves_open_is_accepted(
    variant: tuple[str, ...], prover: Prover
) -> None:
    """In either way."""
    framework, kind, *edits = variant
    assert prove(framework, kind, prover, *edits).message == ""
