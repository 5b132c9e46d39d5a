"""What the simulated model writes in JavaScript: accepted without slips, refuted with them."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from sampled import sampled

from flagbench.acceptance import node
from flagbench.acceptance.enterprise.case import Systems
from flagbench.acceptance.enterprise.components import COMPONENTS, components_of
from flagbench.acceptance.enterprise.probe_client import MissingTool
from flagbench.acceptance.proof import Proof
from flagbench.acceptance.proof_cache import ProofCache
from flagbench.acceptance.prover import Prover
from flagbench.scenario.brief import read
from flagbench.simulator.enterprise.dirt import broken
from flagbench.simulator.enterprise.drafting import STYLES, render
from flagbench.simulator.enterprise.order import order_in
from flagbench.simulator.enterprise.slips import SLIPS
from flagbench.simulator.prompt_parser import split_sections
from flagbench.simulator.rng import Rng
from flagbench_generators.enterprise.read_brief import read_brief
from flagbench_generators.enterprise.scaffold import scaffold_of

needs_node = pytest.mark.skipif(node.find() is None, reason="no Node.js with express: make tools")

SYSTEMS = {"shop": ("e-commerce", "GDPR"), "clinic": ("healthcare", "HIPAA"),
           "bank": ("finance", "SOX")}  # fmt: skip
CODE = tuple(kind for kind, each in COMPONENTS.items() if each.path.endswith(".py"))
UNDER_A_SET = ("services", "controllers", "main", "compliance", "policies", "fixtures",
               "integration")  # fmt: skip
# Whether texts are JavaScript.
_PARSES = """
const { Script } = require('node:vm');
const texts = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
const parses = (text) => { try { return Boolean(new Script(text)); } catch { return false; } };
console.log(JSON.stringify(texts.map(parses)));
"""
# Slip and the kind of its file -> the system, the kind of the file that is refuted, and the check.
REFUTED = {
    ("other_variable", "config"): ("shop", "config", "cipher"),
    ("other_variable", "fixtures"): ("shop", "integration", "passes"),
    ("other_metric", "middleware"): ("shop", "middleware", "metrics"),
    ("other_prefix", "controllers"): ("shop", "controllers", "create"),
    ("other_prefix", "integration"): ("shop", "integration", "passes"),
    ("other_prefix", "performance"): ("shop", "performance", "passes"),
    ("other_module", "services"): ("shop", "services", "boot"),
    ("other_file", "authorization"): ("shop", "authorization", "boot"),
    ("email_not_unique", "models"): ("shop", "models", "tables"),
    ("no_cascade", "models"): ("shop", "models", "tables"),
    ("unknown_target", "models"): ("shop", "services", "references"),
    ("bool_is_number", "services"): ("bank", "services", "validation"),
    ("no_object", "services"): ("shop", "unit", "passes"),
    ("conflict_as_invalid", "services"): ("shop", "services", "conflict"),
    ("plaintext", "services"): ("clinic", "services", "at-rest"),
    ("unbounded_numbers", "services"): ("shop", "services", "numbers"),
    ("status_by_client", "services"): ("bank", "controllers", "create"),
    ("encodes_only", "encryption"): ("shop", "encryption", "cipher"),
    ("unmeasured", "main"): ("shop", "middleware", "metrics"),
    ("invalid_as_400", "main"): ("shop", "services", "validation"),
    ("health_in_other_words", "main"): ("shop", "main", "health"),
    ("address_in_metrics", "middleware"): ("shop", "middleware", "privacy-of-metrics"),
    ("path_not_passed", "controllers"): ("shop", "authorization", "restricted"),
    ("audit_forgotten", "controllers"): ("bank", "compliance", "audit"),
    ("reads_unrecorded", "controllers"): ("clinic", "compliance", "audit"),
    ("malformed_raises", "auth"): ("shop", "auth", "unauthenticated"),
    ("never_expires", "auth"): ("shop", "auth", "expiry"),
    ("paths_unrestricted", "authorization"): ("shop", "authorization", "restricted"),
    ("export_forgets", "compliance"): ("shop", "compliance", "export"),
    ("erases_name_only", "compliance"): ("shop", "compliance", "erasure"),
    ("deletable_log", "compliance"): ("bank", "compliance", "append-only"),
    ("own_approval", "compliance"): ("bank", "compliance", "four-eyes"),
    ("wrong_assertion", "unit"): ("shop", "unit", "passes"),
    ("wrong_assertion", "integration"): ("shop", "integration", "passes"),
    ("missing_case", "integration"): ("shop", "integration", "access"),
    ("too_strict", "performance"): ("shop", "performance", "passes"),
    ("log_not_created", "fixtures"): ("bank", "integration", "passes"),
    ("missing_case", "unit"): ("shop", "unit", "mutants"),
}
# What no check of a system sees, in whichever language it is.
UNSEEN = {
    ("other_port", "config"), ("body_unchecked", "controllers"),
    ("compares_plainly", "auth"), ("span_lost_on_error", "tracing"),
}  # fmt: skip


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    """A prover without a cache on disk."""
    one = Prover(ProofCache(None))
    yield one
    one.close()


def request(system: str) -> str:
    """A request for a system."""
    domain, compliance = SYSTEMS[system]
    return (
        "name: shop\ntech_stack: {language: JavaScript, framework: Express}\n"
        "system_design: {scale: startup, deployment: kubernetes}\n"
        f"requirements_analysis: {{domain: {domain}, compliance: [{compliance}]}}\n"
    )


def draws_of(style: str) -> Rng:
    """Numbers that draw a style."""
    numbers = (Rng.of(number, {}, 1, 1) for number in range(99))
    return next(draws for draws in numbers if draws.pick("style", STYLES) == style)


def files_of(system: str, style: str, slip: tuple[str, str] = ("", "")) -> dict[str, str]:
    """The files of a system in a style, one of them with a slip."""
    text = request(system)
    written = dict(scaffold_of([text]))
    brief = read_brief(text).brief_for(frozenset({"entities", "compliance"}))
    for component in components_of(read(text)):
        path = component.path_in(read(text))
        listed = f"# Components\n\n- {path}: a file\n\n"
        prompt = f"{listed}# Brief\n\n```yaml\n{brief}```\n\n# Task\n\nWrite."
        order = order_in(split_sections(prompt), prompt, ())
        assert order is not None
        assert order.components == ((path, component.kind),)
        slips = [each for each in SLIPS if (each.name, component.kind) == slip]
        written[path] = render(component.kind, order, slips, draws_of(style))
    return written


def proof_of(system: str, kind: str, files: Mapping[str, str], prover: Prover) -> Proof:
    """The proof of a file, among those of its system."""
    case = Systems({}).case(read(request(system)), COMPONENTS[kind], files)
    return prover.prove(replace(case, is_alone=False))


@pytest.mark.thorough
@needs_node
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("system", sampled(SYSTEMS, 1))
def test_files_without_slips_are_accepted(system: str, style: str, prover: Prover) -> None:
    """Each file of a system, and those that another compliance set changes."""
    files = files_of(system, style)
    kinds = COMPONENTS if system == "shop" else UNDER_A_SET
    try:
        proofs = {kind: proof_of(system, kind, files, prover) for kind in kinds}
    except MissingTool as missing:
        pytest.skip(f"{missing} (make tools)")
    assert {kind: proof.message for kind, proof in proofs.items() if not proof.accepted} == {}


def test_every_slip_of_code_is_here() -> None:
    """It is seen, or named among those that are not."""
    known = {(slip.name, kind) for slip in SLIPS for kind in slip.rates if kind in CODE}
    assert known == REFUTED.keys() | UNSEEN
    assert not UNSEEN & REFUTED.keys()


@pytest.mark.thorough
@needs_node
@pytest.mark.parametrize("slip", sorted(UNSEEN), ids="-".join)
def test_a_slip_that_no_check_sees_is_accepted(slip: tuple[str, str], prover: Prover) -> None:
    """One that a new check sees is none of these any more."""
    proof = proof_of("shop", slip[1], files_of("shop", STYLES[0], slip), prover)
    assert proof.accepted, proof.message


@needs_node
@pytest.mark.parametrize("slip", sampled(map(pytest.param, REFUTED), 5), ids="-".join)
def test_a_slip_is_refuted(slip: tuple[str, str], prover: Prover) -> None:
    """By the check that is for it; half of them in each style."""
    system, kind, check = REFUTED[slip]
    style = STYLES[list(REFUTED).index(slip) % len(STYLES)]
    proof = proof_of(system, kind, files_of(system, style, slip), prover)
    assert proof.check == check, proof.message
    assert ".venv" not in proof.message


@needs_node
def test_a_broken_file_is_no_javascript() -> None:
    """Each error of syntax, in each file of both styles."""
    files = [files_of("shop", style) for style in STYLES]
    texts = [text for each in files for path, text in each.items() if path.endswith(".js")]
    assert len(texts) == len(STYLES) * len(CODE)
    spoiled = [
        broken("x.js", text, Rng.of(number, {}, 1, 1)) for text in texts for number in range(6)
    ]
    assert _parses(texts) == {True}
    assert _parses(spoiled) == {False}


def _parses(texts: list[str]) -> set[bool]:
    found = node.find()
    assert found is not None
    ended = subprocess.run([found.program, "-e", _PARSES], input=json.dumps(texts),
                           capture_output=True, text=True, check=True)  # fmt: skip
    return set(json.loads(ended.stdout))
