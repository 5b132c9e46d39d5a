"""Backends in JavaScript are booted, asked over HTTP, and their tests run, in the sandbox."""

from collections.abc import Iterator, Mapping
from functools import cache

import pytest
from sampled import sampled
from systems import brief

from flagbench.acceptance import node
from flagbench.acceptance.enterprise.case import Systems
from flagbench.acceptance.enterprise.components import COMPONENTS
from flagbench.acceptance.proof import Proof
from flagbench.acceptance.proof_cache import ProofCache
from flagbench.acceptance.prover import Prover
from flagbench_generators.enterprise.agents import agents_of
from flagbench_generators.enterprise.prompts import EnterprisePrompts, texts
from flagbench_generators.enterprise.read_brief import read_brief
from flagbench_generators.enterprise.scaffold import scaffold_of
from flagbench_generators.kernel.prompt_builder import Job
from flagbench_generators.kernel.rendering import rendered

pytestmark = pytest.mark.skipif(node.find() is None, reason="no Node.js with express: make tools")

SHOP = """\
name: shop
tech_stack: {language: JavaScript, framework: Express}
system_design: {scale: enterprise, deployment: kubernetes}
requirements_analysis: {domain: e-commerce, compliance: [GDPR]}
"""
# The kind of the file, the edit, and the check that refuses it.
WRONG = {
    "no server": ("main", "app.listen(settings.port, '0.0.0.0');", "app.listen;", "boot"),
    "a syntax error": ("main", "const app = express();", "const app = express(;", "boot"),
    "a package that is not listed": ("main", "require('express')", "require('koa')", "boot"),
    "no foreign key": ("models", " REFERENCES ${kind}(id) ON DELETE CASCADE", "", "tables"),
    "any values": ("services", "if (!fits(kind, value))", "if (false)", "validation"),
    "a row is created with 200": ("controllers", "response.status(201)", "response", "create"),
    "no counter": ("middleware", "TYPE http_requests_total counter",
                   "TYPE http_requests_total gauge", "metrics"),
    "users in the code": ("config", "(process.env.API_USERS || '')", "'alice:pw1:admin'", "token"),
    "any signature": ("auth", "!same(signature(body), signed)", "false", "unauthenticated"),
    "a token without an end": ("auth", " || claims.exp < Date.now() / 1000", "", "expiry"),
    "a key in the code": ("config", "process.env.SECRET_KEY", "process.env.SECRET_KEY || 'abc'",
                          "secret"),
    "every role may do everything": (
        "authorization", "return (policies.roles[user.role] || []).includes(method);",
        "return true;", "roles"),
    "no authentication of texts": (
        "encryption", "  decipher.setAuthTag(bytes.subarray(12, 28));\n", "", "cipher"),
    "nothing is erased": ("compliance", "DELETE FROM ${table} WHERE id = ?",
                          "SELECT id FROM ${table} WHERE id = ?", "erasure"),
    "no span": ("tracing", "module.exports = { startSpan };",
                "module.exports = { startSpan: () => ({}) };", "span"),
    "no headers": ("fixtures", "Bearer ${content.access_token}", "Bearer none", "fixtures"),
    "tests of nothing": ("unit", "beforeEach(useDatabase);",
                         "beforeEach(useDatabase);\ntest('true', () => {});\nif (true) return;",
                         "mutants"),
    "tests of all operations but one": (
        "unit", "  services.updateRow('customers', row.id, OTHER);\n  assert.deepStrictEqual("
        "services.getRow('customers', row.id), { ...OTHER, id: row.id });\n", "", "mutants"),
    "an empty test": ("unit", "beforeEach(useDatabase);",
                      "beforeEach(useDatabase);\n\ntest('true', () => {});", "mutants"),
    "a test of itself": ("integration", "test('rows by role'",
                         "test('itself', async () => { assert.ok(base); });\n\ntest('rows by role'",
                         "mutants"),
    "an empty test with a callback": (
        "performance", "test('reads under load'",
        "test('nothing', (context, done) => done());\n\ntest('reads under load'", "mutants"),
    "a test that fails": ("performance", "answer.status === 200", "answer.status === 201",
                          "passes"),
    "no test of the roles": (
        "integration", "assert.strictEqual(await statusOf('PUT', one, auditor, ROW), 403);\n"
        "  assert.strictEqual(await statusOf('DELETE', one, clerk), 403);", "", "access"),
    "no test without a token": (
        "integration", "assert.strictEqual(await statusOf('GET', PATH), 401);", "", "access"),
    "nobody looks after an erasure": (
        "integration",
        "  assert.strictEqual(await statusOf('GET', `${address}/export`, admin), 404);\n"
        "  const left = await send(base, 'GET', '/api/v1/customers', admin);\n"
        "  assert.deepStrictEqual(left.content, []);\n", "", "controls"),
    "reads one after another": (
        "performance", "const answers = await Promise.all(Array.from({ length: 20 }, () => (\n"
        "    send(base, 'GET', '/api/v1/customers', admin))));",
        "const answers = [];\n  while (answers.length < 20) {\n"
        "    answers.push(await send(base, 'GET', '/api/v1/customers', admin));\n  }", "load"),
    "tests that cannot be loaded": ("unit", "require('../helpers')", "require('../help')",
                                    "collects"),
}  # fmt: skip
# The kind of the file, the edit, and what the proof says of it.
SAID = {
    "a syntax error": (
        "services", "function listRows(entity) {", "function list Rows(entity) {",
        "the service does not start: RuntimeError: node ended with exit code 1: "
        "SyntaxError: Unexpected identifier 'Rows' (core/services/services.js line 60)"),
    "a file that is missing": (
        "controllers", "../models/models", "../models/model",
        "the service does not start: RuntimeError: node ended with exit code 1: "
        "Error: Cannot find module '../models/model' (core/controllers/routes.js line 4)"),
    "a folder that is missing": (
        "authorization", "'policies.yaml'", "'none', 'policies.yaml'",
        "the service does not start: RuntimeError: node ended with exit code 1: "
        "Error: ENOENT: no such file or directory, open './security/policies/none/policies.yaml' "
        "(security/auth/authorization.js line 8)"),
    "an error at a request": (
        "main", "response.json({ status: 'ok' })", "{ console.error(new Error('odd')); throw 1; }",
        "GET /health by nobody answers 500 (Error: odd); expected: 200 (core/main.js line 16)"),
    "an exit in words": (
        "main", "app.listen(settings.port, '0.0.0.0');",
        "process.exit(console.error('no key') || 2);",
        "the service does not start: RuntimeError: node ended with exit code 2: no key"),
    "tests that are no JavaScript": (
        "unit", "beforeEach(useDatabase);", "beforeEach(useDatabase;",
        "SyntaxError: missing ) after argument list at tests/unit/services.test.js:11"),
    "a span that cannot be loaded": (
        "tracing", "module.exports = { startSpan };", "module.exports = { startSpan ;",
        "start_span fails: RuntimeError: SyntaxError: Unexpected token ';' "
        "(monitoring/tracing/tracing.js line 17)"),
}  # fmt: skip
RIGHT = ("main", "encryption", "tracing", "fixtures", "unit", "integration", "performance")


@cache
def files() -> Mapping[str, str]:
    """An application: that of the simplified templates."""
    project, builder = read_brief(SHOP), EnterprisePrompts(texts(), True)
    jobs = [Job(agent, project, "", (), "") for agent in agents_of(project)]
    return {**scaffold_of([SHOP]), **{job.path: rendered(job, builder) for job in jobs}}


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    """A prover without a cache on disk."""
    one = Prover(ProofCache(None))
    yield one
    one.close()


def prove(kind: str, prover: Prover, old: str = "", new: str = "") -> Proof:
    """The proof of a component, with an edit of its file."""
    wanted = brief("shop", "Express")
    path = COMPONENTS[kind].path_in(wanted)
    assert not old or files()[path].count(old) == 1, (path, old)
    edited = {**files(), path: files()[path].replace(old, new) if old else files()[path]}
    return prover.prove(Systems({}).case(wanted, COMPONENTS[kind], edited))


@pytest.mark.parametrize("kind", RIGHT)
def test_an_application_is_accepted(kind: str, prover: Prover) -> None:
    """Its code over HTTP, and its tests with their mutants."""
    assert prove(kind, prover).message == ""


@pytest.mark.parametrize(("kind", "old", "new", "check"), sampled(WRONG.values(), 8), ids=WRONG)
def test_a_wrong_variant_is_refused(
    kind: str, old: str, new: str, check: str, prover: Prover
) -> None:
    """By the check that it is for."""
    assert prove(kind, prover, old, new).check == check


@pytest.mark.parametrize(("kind", "old", "new", "said"), SAID.values(), ids=SAID)
def test_what_ended_a_program_is_told(
    kind: str, old: str, new: str, said: str, prover: Prover
) -> None:
    """The error and the line where it was thrown, without a path of this machine."""
    assert prove(kind, prover, old, new).message == said
