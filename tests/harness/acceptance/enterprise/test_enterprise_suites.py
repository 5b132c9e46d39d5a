"""The judge of generated tests: broken copies that they must notice, and those without effect."""

from collections.abc import Iterator, Mapping

import pytest
from systems import brief, solution

from flagbench.acceptance.enterprise.application import RUNS
from flagbench.acceptance.enterprise.case import ComponentCase, Systems
from flagbench.acceptance.enterprise.components import COMPONENTS
from flagbench.acceptance.enterprise.copies import LOAD, copies_of
from flagbench.acceptance.enterprise.judge import CHECKS
from flagbench.acceptance.proof_cache import ProofCache
from flagbench.acceptance.prover import Prover
from flagbench.scenario.brief import FRAMEWORKS, Brief, read
from flagbench_generators.enterprise.agents import agents_of
from flagbench_generators.enterprise.prompts import EnterprisePrompts, texts
from flagbench_generators.enterprise.read_brief import read_brief
from flagbench_generators.enterprise.scaffold import scaffold_of
from flagbench_generators.kernel.drafting import rendered
from flagbench_generators.kernel.prompt_builder import Job

INTEGRATION = COMPONENTS["integration"].path
PERFORMANCE = COMPONENTS["performance"].path
DOMAINS = {"GDPR": "e-commerce", "HIPAA": "healthcare", "SOX": "finance"}
DEMANDED = {
    "GDPR": {"an export is empty", "nothing is erased"},
    "HIPAA": {
        "sensitive fields are not encrypted", "reads are not in the audit log",
        "changes are not in the audit log",
    },
    "SOX": {
        "changes are not in the audit log", "entries of the audit log can be changed",
        "a payment is approved by its creator",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    """A prover without a cache on disk."""
    one = Prover(ProofCache(None))
    yield one
    one.close()


def text_of(framework: str, *sets: str) -> str:
    """The brief of a system, with the entity that SOX needs."""
    payment = "{name: Payment, fields: {amount: number, status: text}}"
    more = payment if "SOX" in sets and sets[0] != "SOX" else ""
    return (
        f"name: shop\ntech_stack: {{language: {FRAMEWORKS[framework]}, framework: {framework}}}\n"
        "system_design: {scale: startup, deployment: compose}\n"
        f"requirements_analysis: {{domain: {DOMAINS[sets[0]]}, compliance: [{', '.join(sets)}],"
        f" components: [{more}]}}\n"
    )


def files_of(text: str) -> dict[str, str]:
    """A system of the simplified templates."""
    project, builder = read_brief(text), EnterprisePrompts(texts(), True)
    jobs = [Job(agent, project, "", (), "") for agent in agents_of(project)]
    return {**scaffold_of([text]), **{job.path: rendered(job, builder) for job in jobs}}


def case_of(wanted: Brief, kind: str, files: Mapping[str, str]) -> ComponentCase:
    """The case of a file of a system."""
    return Systems({}).case(wanted, COMPONENTS[kind], files)


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("name", DEMANDED)
def test_each_control_of_a_set_has_a_copy(name: str, framework: str) -> None:
    """And no copy is of another set; all have checks that tell them from the application."""
    copies = copies_of("integration", read(text_of(framework, name)))
    assert {each.name for each in copies if each.fails == "controls"} == DEMANDED[name]
    assert sum(each.fails == "access" for each in copies) == 2
    for kind in ("unit", "integration", "performance"):
        for copy in copies_of(kind, read(text_of(framework, name))):
            assert copy.fails in CHECKS[kind]
            assert set(copy.shown_by) <= {*RUNS, LOAD}
            assert copy.shown_by


@pytest.mark.parametrize("framework", ["Django", "Flask"])
def test_a_suite_of_every_set_is_accepted(framework: str, prover: Prover) -> None:
    """With all copies."""
    text = text_of(framework, "HIPAA", "GDPR", "SOX")
    proof = prover.prove(case_of(read(text), "integration", files_of(text)))
    assert proof.message == ""
    assert proof.figures["mutants"] == (13, 13)


@pytest.mark.parametrize("framework", ["Django", "FastAPI"])
def test_requests_one_after_another_are_no_load(framework: str, prover: Prover) -> None:
    """The same suite with several threads is accepted."""
    text = text_of(framework, "GDPR")
    files = files_of(text)
    assert prover.prove(case_of(read(text), "performance", files)).figures["mutants"] == (2, 2)
    alone = files[PERFORMANCE].replace("WORKERS = 4", "WORKERS = 1")
    proof = prover.prove(case_of(read(text), "performance", {**files, PERFORMANCE: alone}))
    assert proof.check == "load"
    assert proof.message == "the tests still pass although requests at the same time fail"


def test_requests_on_one_event_loop_are_a_load(prover: Prover) -> None:
    """Also of an application whose handlers keep the loop from all others."""
    files = dict(solution("shop").files)
    path = "core/controllers/routes.py"
    assert "    def list_rows(" in files[path]
    files[path] = files[path].replace("    def list_rows(", "    async def list_rows(")
    files[PERFORMANCE] = '''\
"""Answers under load."""

import asyncio
from collections.abc import Callable

import httpx
from fastapi.testclient import TestClient


def test_reads(
    client: TestClient, headers: Callable[[str], dict[str, str]]
) -> None:
    sent = headers("alice")
    transport = httpx.ASGITransport(app=client.app)

    async def read_all() -> list[httpx.Response]:
        async with httpx.AsyncClient(
            transport=transport, base_url="http://test"
        ) as many:
            reads = [
                many.get("/api/v1/customers", headers=sent) for _ in range(20)
            ]
            return await asyncio.gather(*reads)

    assert {answer.status_code for answer in asyncio.run(read_all())} == {200}
'''
    proof = prover.prove(case_of(brief("shop"), "performance", files))
    assert proof.message == ""
    assert proof.figures["mutants"] == (2, 2)


EMPTY = {
    "unit": "\n\ndef test_rows_are_unique() -> None:\n    pass\n",
    "integration": "\n\ndef test_health(client) -> None:\n    assert client\n",
    "performance": "\n\nclass TestMore:\n    def test_more(self, client):\n        assert True\n",
}  # fmt: skip
# Each can fail, though not on every wrong application.
WEAK = """

def test_a_value_is_needed() -> None:
    with pytest.raises(Exception):
        services.create_row("customers", {})


def test_rows_are_counted_again() -> None:
    from core.services import services as again

    assert again.list_rows("customers") == []


def test_an_unknown_row() -> None:
    try:
        services.get_row("customers", 99)
    except services.NotFound:
        return
    raise AssertionError
"""


@pytest.mark.parametrize("framework", ["Django", "Flask"])
@pytest.mark.parametrize("kind", EMPTY)
def test_a_test_that_can_never_fail_is_named(kind: str, framework: str, prover: Prover) -> None:
    """Among others that are right: it says nothing about the application."""
    text = text_of(framework, "GDPR")
    files, path = files_of(text), COMPONENTS[kind].path
    proof = prover.prove(case_of(read(text), kind, {**files, path: files[path] + EMPTY[kind]}))
    name = EMPTY[kind].split("def ")[1].split("(")[0]
    assert proof.check == "mutants"
    assert proof.message == (
        f"{name} can never fail: it passes on every broken copy, and where no function of the"
        " application works"
    )


def test_a_test_that_can_fail_is_none_of_them(prover: Prover) -> None:
    """Whatever it expects, and wherever it imports from."""
    files, path = dict(solution("shop").files), COMPONENTS["unit"].path
    proof = prover.prove(case_of(brief("shop"), "unit", {**files, path: files[path] + WEAK}))
    assert proof.message == ""
    assert proof.figures == {"tests": (12, 12), "mutants": (4, 4)}


def test_a_copy_that_is_the_application_itself_refutes_no_suite(prover: Prover) -> None:
    """Here no function has the name of the one that a copy replaces: one copy less is tried."""
    files = {
        path: text.replace("export_person", "data_of_person")
        for path, text in solution("shop").files.items()
    }
    text = files[INTEGRATION]
    start, end = (
        text.index('    assert exported["customers"]'),
        text.index("    assert client.delete(address, headers=headers"),
    )
    files[INTEGRATION] = f"{text[:start]}    assert exported and product\n{text[end:]}"
    proof = prover.prove(case_of(brief("shop"), "integration", files))
    assert proof.message == ""
    assert proof.figures["mutants"] == (7, 7)


def test_a_control_that_the_application_lacks_refutes_no_suite(prover: Prover) -> None:
    """It is the fault of another file."""
    files = dict(solution("shop").files)
    path = COMPONENTS["compliance"].path
    files[path] += '\n\ndef erase_person(email: str) -> None:\n    """Erase nothing."""\n'
    text = files[INTEGRATION]
    start = text.index('    assert client.get("/api/v1/orders", headers=admin)')
    files[INTEGRATION] = text[:start]
    proof = prover.prove(case_of(brief("shop"), "integration", files))
    assert proof.message == ""
    assert proof.figures["mutants"] == (7, 7)
