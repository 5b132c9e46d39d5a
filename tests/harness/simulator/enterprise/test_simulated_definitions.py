"""A domain and a compliance set of a user's: written by the simulated provider, and proven."""

from collections.abc import Iterator
from functools import cache

import pytest

from flagbench.acceptance.enterprise.case import Systems
from flagbench.acceptance.enterprise.components import COMPONENTS, components_of
from flagbench.acceptance.proof import Proof
from flagbench.acceptance.proof_cache import ProofCache
from flagbench.acceptance.prover import Prover
from flagbench.acceptance.selection import Selection
from flagbench.scenario.brief import read
from flagbench.simulator.enterprise.brief import brief_in
from flagbench.simulator.enterprise.drafting import render
from flagbench.simulator.enterprise.order import Order
from flagbench.simulator.rng import Rng
from flagbench_generators.enterprise.read_brief import read_brief
from flagbench_generators.enterprise.scaffold import scaffold_of

BRIEF = """\
name: parcels
tech_stack: {language: Python, framework: FastAPI}
system_design: {scale: startup, deployment: compose}
requirements_analysis: {domain: logistics, compliance: [Act]}
---
domain: logistics
entities:
  Recipient: {name: text, contact: email, address: text}
  Depot: {city: text, capacity: integer}
  Parcel: {recipient: Recipient, depot: Depot, weight: number}
  Payment: {parcel: Parcel, amount: number, status: text}
sensitive: {Recipient: [address]}
---
compliance: Act
title: An Act
controls:
"""
SETS = (
    ("export", "erasure"), ("export",), ("erasure",), ("audit_reads", "encryption"),
    ("audit_changes", "append_only"), ("audit_changes", "four_eyes"),
)  # fmt: skip
# Layout is the formatter's, whom the provider does not ask.
FACTS = Selection(
    frozenset(
        {"parses", "interface", "agreement", "schema", "export", "erasure", "restricted", "at-rest",
         "audit", "append-only", "four-eyes", "create", "update", "roles", "tables", "openapi",
         "passes", "access", "controls"}
    )
)  # fmt: skip


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    """A prover without a cache on disk."""
    made = Prover(ProofCache(None))
    yield made
    made.close()


def request(controls: tuple[str, ...]) -> str:
    """A brief with its definitions."""
    return BRIEF + "".join(f"  {name}: Section {number}\n" for number, name in enumerate(controls))


@cache
def files_of(controls: tuple[str, ...]) -> dict[str, str]:
    """The files of a system without slips, each by the whole brief as a prompt has it."""
    text = request(controls)
    written = dict(scaffold_of([text]))
    stated = read_brief(text).brief_for(frozenset({"entities", "compliance"}))
    brief = brief_in(stated)
    assert brief is not None
    for component in components_of(read(text)):
        order = Order(((component.path, component.kind),), brief, "", (), "", stated)
        draws = Rng.of(1, {"kind": component.kind}, 1, 1)
        written[component.path] = render(component.kind, order, [], draws)
    return written


def proof_of(controls: tuple[str, ...], kind: str, prover: Prover, **edits: str) -> Proof:
    """The proof of a component, with other texts of some components."""
    changed = {COMPONENTS[name].path: text for name, text in edits.items()}
    files = {**files_of(controls), **changed}
    return prover.prove(Systems({}).case(read(request(controls)), COMPONENTS[kind], files), FACTS)


@pytest.mark.parametrize(
    "controls", [SETS[0], *(pytest.param(each, marks=pytest.mark.thorough) for each in SETS[1:])]
)
def test_a_system_under_a_set_of_a_user_is_accepted(
    controls: tuple[str, ...], prover: Prover
) -> None:
    """With the requests, the restrictions and the document that its controls demand."""
    kinds = (
        "controllers",
        "services",
        "compliance",
        "policies",
        "compliance_document",
        "api",
        "integration",
    )
    proofs = {kind: proof_of(controls, kind, prover) for kind in kinds}
    assert {kind: proof.message for kind, proof in proofs.items() if not proof.accepted} == {}


def test_a_statement_that_is_no_control_is_left_out() -> None:
    """Of a set that nobody knows, by a generator with words of its own."""
    stated = "['PCI vault: cards are in a vault', 'PCI rights: persons may have an export']"
    text = f"tech_stack: {{}}\ncompliance: [PCI]\ncontrols: {stated}\n"
    brief = brief_in(text)
    assert brief is not None
    assert brief.controls == (("export", "PCI rights"),)
    order = Order((("security/compliance/COMPLIANCE.md", ""),), brief, "", (), "", text)
    assert "PCI rights" in render("compliance_document", order, [], Rng.of(1, {}, 1, 1))


@pytest.mark.parametrize(
    ("kind", "old", "new", "check"),
    [
        ("controllers", "controls.erase_person(email)", "del email", "erasure"),
        ("controllers", 'controls.export_person(email)', "{}", "export"),
        ("policies", "/privacy", "/private", "agreement"),
        ("compliance_document", "Act ", "GDPR ", "agreement"),
        ("compliance_document", "erasure", "removal", "agreement"),
    ],
)  # fmt: skip
def test_a_control_that_is_missing_is_refuted(
    kind: str, old: str, new: str, check: str, prover: Prover
) -> None:
    """By the check of the control, though flagbench has not known the set."""
    text = files_of(SETS[0])[COMPONENTS[kind].path]
    assert old in text
    proof = proof_of(SETS[0], kind, prover, **{kind: text.replace(old, new)})
    assert (proof.accepted, proof.check) == (False, check), proof.message
