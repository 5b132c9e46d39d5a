"""The judge of enterprise systems: which file is at fault, and what is never accepted."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import yaml
from systems import NAMES, SCENARIOS, brief, edited, solution

from flagbench.acceptance import node
from flagbench.acceptance.artifact_proofs import prove_artifacts
from flagbench.acceptance.enterprise import scripts, tools
from flagbench.acceptance.enterprise.api import describe
from flagbench.acceptance.enterprise.application import Findings
from flagbench.acceptance.enterprise.case import ComponentCase, Systems
from flagbench.acceptance.enterprise.components import COMPONENTS, components_of
from flagbench.acceptance.enterprise.judge import CHECKS
from flagbench.acceptance.enterprise.probe_client import MissingTool, ServiceAnswer
from flagbench.acceptance.kinds import TEXT_CHECKS
from flagbench.acceptance.proof import Proof, Refuted
from flagbench.acceptance.proof_cache import ProofCache
from flagbench.acceptance.prover import Prover
from flagbench.scenario.brief import read
from flagbench_generators.enterprise.agents import agents_of
from flagbench_generators.enterprise.prompts import EnterprisePrompts, texts
from flagbench_generators.enterprise.read_brief import read_brief
from flagbench_generators.enterprise.scaffold import scaffold_of
from flagbench_generators.kernel.prompt_builder import Job
from flagbench_generators.kernel.rendering import rendered


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    """A prover that remembers nothing of other runs."""
    one = Prover(ProofCache(None))
    yield one
    one.close()


def test_every_check_has_a_wrong_variant() -> None:
    """Of files that tools read, each check of each kind; of code, each name."""
    kinds = {(component.path): kind for kind, component in COMPONENTS.items()}
    shown = {
        (kinds[variant.file], variant.fails) for name in NAMES for variant in solution(name).wrong
    }
    assert sum(len(solution(name).wrong) for name in NAMES) >= 60
    code = {kind for kind in CHECKS if COMPONENTS[kind].path.endswith(".py")}
    documents = {kind for kind in CHECKS if "markdown" in CHECKS[kind]}
    wanted = {(kind, check) for kind in CHECKS.keys() - code - documents for check in CHECKS[kind]}
    assert wanted <= shown
    names = {check for kind in code | documents for check in CHECKS[kind]}
    names.remove("environment")  # only a service that stores its accounts can fail it
    assert names - {check for _, check in shown} == set()
    assert {kind for kind, _ in shown} == CHECKS.keys()


def test_no_check_is_named_as_one_of_the_text() -> None:
    """None twice in a kind."""
    for checks in CHECKS.values():
        assert len({*checks, *TEXT_CHECKS}) == len(checks) + len(TEXT_CHECKS)


def test_the_clinic_is_accepted(prover: Prover) -> None:
    """Each of its components; its application ran once for all of its files."""
    files, proofs = solution("clinic").files, {}
    for component in components_of(brief("clinic")):
        try:
            proofs[component.kind] = prover.prove(
                Systems({}).case(brief("clinic"), component, files)
            )
        except MissingTool as missing:
            pytest.skip(f"{missing} (make tools)")
    assert {kind: proof.message for kind, proof in proofs.items() if not proof.accepted} == {}
    assert "kubernetes" not in proofs
    assert proofs["unit"].figures["mutants"] == (4, 4)


def test_a_payment_without_an_account_can_be_approved(prover: Prover) -> None:
    """An entity that a brief adds has the fields that the brief says, under SOX, too."""
    text = (SCENARIOS / "briefs" / "shop.yaml").read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    document["requirements_analysis"] |= {
        "compliance": ["SOX"],
        "components": [{"name": "Payment", "fields": {"amount": "number", "status": "text"}}],
    }
    text = yaml.safe_dump(document)
    project, builder = read_brief(text), EnterprisePrompts(texts(), True)
    jobs = [Job(agent, project, "", (), "") for agent in agents_of(project)]
    files = {**scaffold_of([text]), **{job.path: rendered(job, builder) for job in jobs}}
    for kind in ("compliance", "services", "controllers"):
        proof = prover.prove(Systems({}).case(read(text), COMPONENTS[kind], files))
        assert proof.accepted, proof.message


def test_a_tool_out_of_the_sandboxs_reach_refutes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as a link to a program in a folder of its own: what it would say is not known."""
    (tmp_path / "shellcheck").symlink_to(tools.program("shellcheck"))
    monkeypatch.setattr(scripts, "program", lambda name: str(tmp_path / name))
    case = Systems({}).case(brief("clinic"), COMPONENTS["scripts"], solution("clinic").files)
    with (
        closing(Prover(ProofCache(None))) as own,  # what another test proved is cached
        pytest.raises(MissingTool, match="shellcheck cannot be run in the sandbox: No such file"),
    ):
        own.prove(case)


# One edit in a file; the file whose proof names it, and one whose proof does not depend on it.
AT_FAULT = {
    "services that delete nothing": (
        edited("services", '    _write(f"DELETE', '    str(f"DELETE'),
        "services", "interface", "auth",
    ),
    "routes that delete nothing": (
        edited("controllers", "        services.delete_row(entity, row_id)\n",
               "        services.get_row(entity, row_id)\n"),
        "controllers", "delete", "services",
    ),
    "an application that ends": (
        edited("controllers", '        return services.list_rows(entity)\n',
               "        import os\n\n        os._exit(3)\n"),
        "controllers", "sandbox", "encryption",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("one", "kind", "check", "other"), AT_FAULT.values(), ids=AT_FAULT)
def test_the_file_at_fault_is_refuted(
    one: ComponentCase, kind: str, check: str, other: str, prover: Prover
) -> None:
    """One that does nothing wrong, and needs nothing of it, is accepted."""
    assert prover.prove(one).check == check
    files = {**solution("shop").files, **one.files}
    again = Systems({}).case(brief("shop"), COMPONENTS[other], files)
    assert prover.prove(again).accepted
    assert one.kind == kind


def test_an_application_that_does_not_start_proves_none_of_its_files(prover: Prover) -> None:
    """The proof of another file tells which one is at fault, whatever else is wrong."""
    broken = edited("models", 'PERSON = "customers"', 'PERSON = "customers"\nraise OSError(PERSON)')
    other = edited(
        "tracing", "    finally:\n", "    except Exception:\n        pass\n    finally:\n"
    )
    text = other.files[other.path]
    files = {**solution("shop").files, **broken.files, other.path: text}
    proof = prover.prove(Systems({}).case(brief("shop"), COMPONENTS["main"], files))
    assert not proof.accepted
    assert proof.message.startswith("core/models/models.py: ")


def test_the_message_of_nginx_can_be_repeated(prover: Prover) -> None:
    """It has neither the time nor the number of the process nor the folder."""
    one = edited("load_balancing", "proxy_pass http://shop", "proxy_pass http://backend:8000")
    try:
        message = prover.prove(one).message
    except MissingTool:
        pytest.skip("no nginx here: make tools")
    assert message.startswith('[emerg] host not found in upstream "backend" in checked.conf:')


def test_moments_are_no_part_of_a_message() -> None:
    """So that a proof of the same files is the same."""
    at = {"at": "2026-11-29T10:13:26.395069+00:00", "user": "eve"}
    answer = ServiceAnswer(status=200, body=[at], raised="", printed="")
    assert describe(answer) == "200 [{'at': '<time>', 'user': 'eve'}]"


def test_a_check_that_was_not_made_is_told_by_its_cause() -> None:
    """Neither by the first finding, nor by the last."""
    span, listed, roles = (Refuted(name, name, f"{name}.py") for name in ("span", "list", "roles"))
    findings = Findings({"span": span, "list": listed, "roles": roles}, {"boot", "create"})
    assert findings.about("core/models/models.py", ("boot", "restart")) == [listed]
    assert findings.about("roles.py", ("restart",)) == [roles]
    assert findings.about("core/main.py", ("boot",)) == []


def test_code_in_javascript_could_not_run_without_node(
    prover: Prover, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its other files are judged by their tools."""
    monkeypatch.setattr(node, "find", lambda: None)
    express = brief("shop", "Express")
    files = {**solution("shop").files, "core/main.js": "x\n", "tests/helpers.js": "x\n"}
    for kind in ("main", "fixtures"):
        with pytest.raises(MissingTool, match="express"):
            prover.prove(Systems({}).case(express, COMPONENTS[kind], files))
    assert prover.prove(Systems({}).case(express, COMPONENTS["prometheus"], files)).accepted


class Accepting:
    """A prover that accepts everything, and keeps what it was shown."""

    def __init__(self) -> None:
        self.cases: list[ComponentCase] = []

    def prove(self, one: ComponentCase) -> Proof:
        """The proof."""
        self.cases.append(one)
        return Proof()


def test_each_component_of_a_brief_is_proven_or_missing() -> None:
    """A file that was not made is refuted; a proof depends on the files that it is held against."""
    made = [
        Made(path, text) for path, text in solution("clinic").files.items() if path != "docs/API.md"
    ]
    prover, wanted = Accepting(), brief("clinic")
    proofs = prove_artifacts(made, [wanted], {}, prover)  # type: ignore[arg-type]
    assert [each.path for each in proofs if not each.proof.accepted] == ["docs/API.md"]
    assert len(proofs) == len(components_of(wanted)) == 29
    reads = {one.kind: set(one.files) for one in prover.cases}
    assert all(path.endswith(".md") for path in reads["readme"])
    assert "core/main.py" in reads["unit"]
    assert "tests/unit/test_services.py" not in reads["models"]


class Made:
    """A generated file."""

    request_id, approved, kind = "1", True, ""

    def __init__(self, path: str, text: str) -> None:
        self.path, self.text = path, text
