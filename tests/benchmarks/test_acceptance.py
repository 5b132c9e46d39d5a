"""What proving an artifact costs: cold, forked from the warm parent, and known from before."""

import asyncio
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from openai import AsyncOpenAI

from flagbench import subject, subject_loading
from flagbench.acceptance import prover, reference_solutions
from flagbench.acceptance.cases import Application
from flagbench.acceptance.django.case import Projects
from flagbench.acceptance.probe_client import WARM
from flagbench.acceptance.proof import Case
from flagbench.acceptance.proof_cache import ProofCache
from flagbench.acceptance.sandbox.sandbox import Sandbox
from flagbench.scenario import erd, loading
from flagbench_generators.django_rest.subject import django

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 5


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    """The files of the reference solution of `student`: schema, routes, page and tests."""
    one = loading.load(ROOT / "scenarios" / "student.yaml")
    files = reference_solutions.load(ROOT / "scenarios" / "solutions" / "student").files
    scaffold = subject.scaffold_of(subject_loading.load(one.subject))
    made = Application(scaffold).after(one.acceptance[0], files)
    return [case for _, case in made if case is not None]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox whose parent is warm."""
    with Sandbox(WARM) as warm:
        yield warm


def seconds_of(run: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Wall time: what is measured happens in other processes."""
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        run()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def proven(cases: Sequence[Case], sandbox: Sandbox) -> None:
    """Prove each, knowing nothing from before."""
    for case in cases:
        assert prover.judge_case(case, sandbox, {}).accepted


def test_an_artifact_is_proven_warm_and_known(benchmark, report, cases, sandbox, tmp_path) -> None:
    """Seconds an artifact: with a sandbox of its own, from the warm parent, from the file."""

    def cold() -> None:
        with Sandbox(WARM) as own:
            proven(cases[:1], own)

    proofs = ProofCache(tmp_path)
    keeper = prover.Prover(proofs)
    for case in cases:
        keeper.prove(case)

    def known() -> None:
        again = prover.Prover(ProofCache(tmp_path))
        for case in cases:
            assert again.prove(case).accepted
        assert again.cost.made == 0

    cold_seconds = seconds_of(cold, rounds=3)
    warm_seconds = seconds_of(lambda: proven(cases, sandbox)) / len(cases)
    known_seconds = seconds_of(known) / len(cases)
    keeper.close()
    report(
        f"proof with a sandbox of its own: {cold_seconds:.2f} s; / warm",
        cold_seconds / warm_seconds,
        "",
    )
    report(
        f"warm proof: {warm_seconds:.3f} s; / known: {known_seconds:.4f} s",
        warm_seconds / known_seconds,
        "at least 10",
    )
    benchmark.pedantic(lambda: proven(cases, sandbox), rounds=3)
    assert warm_seconds > 10 * known_seconds
    assert cold_seconds > warm_seconds


@pytest.mark.parametrize(
    "kind", ["sqlite-schema", "fastapi-routes", "streamlit-page", "pytest-tests"]
)
def test_a_kind_alone(benchmark, cases, sandbox, kind) -> None:
    """A warm proof of one file, for each kind."""
    (case,) = [one for one in cases if one.kind == kind]
    benchmark.pedantic(lambda: proven([replace(case)], sandbox), rounds=ROUNDS)


@pytest.mark.parametrize("name", ["blog", "wide"])
def test_a_project_alone(benchmark, sandbox, tmp_path, name) -> None:
    """A warm proof of a Django project as templates write it: 5 entities, and 30."""
    text = (ROOT / "scenarios" / "erds" / f"{name}.json").read_text(encoding="utf-8")
    flags, nobody = {"ENABLE_TEMPLATES": "true"}, AsyncOpenAI(api_key="none")
    person = django.unattended()
    session = django([text], flags, nobody, model="-", workdir=tmp_path, listener=id, person=person)
    files = {one.path: one.text for one in asyncio.run(session).artifacts}
    case = Projects(subject.scaffold_of(django)).case(erd.read(text), files)
    benchmark.pedantic(lambda: proven([replace(case)], sandbox), rounds=ROUNDS)
