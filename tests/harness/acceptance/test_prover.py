"""Proving: what is known, what it costs, and generated code that will not be proven."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flagbench import http_library, subject, subject_loading
from flagbench.acceptance import prover as room
from flagbench.acceptance import reference_solutions
from flagbench.acceptance.cases import Application
from flagbench.acceptance.probe_client import WARM, LintDefect
from flagbench.acceptance.proof import Case, Proof
from flagbench.acceptance.proof_cache import ProofCache
from flagbench.acceptance.prover import SANDBOX_CHECK, TIME_CHECK, Prover, ProvingCost, judge_case
from flagbench.acceptance.sandbox.sandbox import (
    Limits,
    Misbehaved,
    Raised,
    Sandbox,
    SandboxFailed,
    TimedOut,
)
from flagbench.errors import Problem
from flagbench.scenario import loading

ROOT = Path(__file__).resolve().parents[3]
ROUTES, SUITE = "app/routes/student.py", "tests/test_student.py"
LIMITS = Limits()
HASTY = Limits(cpu_seconds=20, wall_seconds=1.0)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """The sandbox of a run."""
    with Sandbox(WARM, limits=LIMITS) as one:
        yield one


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    """Kind -> the reference solution of `student`."""
    one = loading.load(ROOT / "scenarios" / "student.yaml")
    files = reference_solutions.load(ROOT / "scenarios" / "solutions" / "student").files
    made = Application(subject.scaffold_of(subject_loading.load(one.subject)))
    found = (case for _, case in made.after(one.acceptance[0], files))
    return {case.kind: case for case in found if case is not None}


@pytest.fixture
def routes(cases: dict[str, Case]) -> Case:
    """Right routes."""
    return cases["fastapi-routes"]


def other(case: Case, text: str) -> Case:
    """The case with another text of its file."""
    return replace(case, files={**case.files, case.path: text})


def behind(case: Case, line: str) -> Case:
    """The case whose file does more at import; flake8 and black are not asked about it."""
    return other(case, f"{case.files[case.path]}\n{line}\n")


def known(case: Case) -> room.Texts:
    """The text is known to be clean, so that only what it does is judged."""
    names = (case.entity.words, *case.entity.attributes)
    return {(case.path, case.files[case.path], names): None}


class Counted:
    """Stands for the sandbox: tells a proof, or raises, and counts."""

    def __init__(self, answer: Callable[[], Any]) -> None:
        self.count = 0
        self._answer = answer

    def __call__(self, case: Case, sandbox: Any, texts: Any, selection: Any, **_: Any) -> Proof:
        """What `judge_case` would tell."""
        self.count += 1
        told = self._answer()
        assert isinstance(told, Proof)
        return told


class Walls:
    """Stands for a sandbox with some walls."""

    def __init__(self, *missing: str) -> None:
        self.isolation = type("Isolation", (), {"is_full": not missing, "missing": missing})
        self.closed = 0

    def close(self) -> None:
        """Count it."""
        self.closed += 1


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Counted]:
    """Puts a stand-in in the sandbox's place."""

    def put(answer: Callable[[], Any], walls: Walls | None = None) -> Counted:
        counted, standing = Counted(answer), walls or Walls()
        monkeypatch.setattr(room, "judge_case", counted)
        monkeypatch.setattr(room, "Sandbox", lambda *_, **__: standing)
        return counted

    return put


def test_a_case_is_proven_once(
    stand_in: Callable[..., Counted], routes: Case, tmp_path: Path
) -> None:
    """In a run, and in the next one with the same folder; the effort tells which it was."""
    refuted = Proof.refuted("list", "no")
    counted = stand_in(lambda: refuted)
    first = Prover(ProofCache(tmp_path))
    assert [first.prove(routes), first.prove(routes)] == [refuted] * 2
    assert (counted.count, first.cost.made, first.cost.kept) == (1, 1, 1)
    second = Prover(ProofCache(tmp_path))
    assert second.prove(routes) == refuted
    assert (counted.count, second.cost.made, second.cost.kept) == (1, 0, 1)
    assert second.isolation is None, "no sandbox was needed"
    second.prove(other(routes, "x"))
    Prover(ProofCache(None)).prove(routes)
    assert counted.count == 3


def test_effort_is_a_difference() -> None:
    """What one series cost, of all that was proven."""
    one = ProvingCost(5, 3, 2.5) - ProvingCost(2, 3, 1.0)
    assert one == ProvingCost(3, 0, 1.5)


def test_what_ran_out_of_time_is_proven_anew(
    stand_in: Callable[..., Counted], routes: Case, tmp_path: Path
) -> None:
    """On a machine that is less busy it may be right."""
    told = iter([Proof.refuted(TIME_CHECK, "too slow"), Proof()])
    counted = stand_in(lambda: next(told))
    one = Prover(ProofCache(tmp_path))
    assert [one.prove(routes).accepted, one.prove(routes).accepted] == [False, True]
    assert one.prove(routes).accepted
    assert counted.count == 2


def test_a_sandbox_that_fails_is_no_proof(
    stand_in: Callable[..., Counted], routes: Case, tmp_path: Path
) -> None:
    """Nothing is kept, and nothing is refuted."""

    def fail() -> Proof:
        raise SandboxFailed(Problem("there is no memory for the child"))

    stand_in(fail)
    one = Prover(ProofCache(tmp_path))
    with pytest.raises(SandboxFailed, match="no memory"):
        one.prove(routes)
    assert (one.cost.made, one.cost.kept) == (0, 0)
    stand_in(Proof)
    assert Prover(ProofCache(tmp_path)).prove(routes).accepted


def test_a_missing_wall_is_refused_where_all_are_required(
    stand_in: Callable[..., Counted], routes: Case
) -> None:
    """Also where the proof is known; what is missing is told, and the sandbox is closed."""
    walls, proofs = Walls("landlock", "network"), ProofCache(None)
    counted = stand_in(Proof, walls)
    lenient = Prover(proofs)
    assert lenient.prove(routes).accepted
    lenient.close()
    assert walls.closed == 1
    strict = Prover(proofs, require_isolation=True)
    with pytest.raises(SandboxFailed) as told:
        strict.prove(routes)
    assert "the sandbox lacks landlock, network" in str(told.value)
    assert "without --require-isolation" in str(told.value)
    assert (walls.closed, counted.count) == (2, 1)
    assert strict.isolation is None
    strict.close()
    assert walls.closed == 2


def test_with_every_wall_it_proves(stand_in: Callable[..., Counted], routes: Case) -> None:
    """The sandbox is closed once, and closing twice harms nothing."""
    walls = Walls()
    stand_in(Proof, walls)
    one = Prover(ProofCache(None), require_isolation=True)
    assert one.prove(routes).accepted
    assert one.isolation is walls.isolation
    one.close()
    assert walls.closed == 1


class Gone:
    """Stands for a sandbox whose children do not live long."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def kept(self, _: str) -> Any:
        """Fail."""
        raise self._error


@pytest.mark.parametrize(
    ("error", "check"),
    [(Misbehaved("it printed too much"), SANDBOX_CHECK), (Raised("ValueError", "x"), SANDBOX_CHECK),
     (TimedOut("no answer in 60 s"), TIME_CHECK)],
)  # fmt: skip
def test_a_child_that_ends_is_the_codes_fault(error: Exception, check: str, routes: Case) -> None:
    """With what the sandbox says about it."""
    stands: Any = Gone(error)
    assert judge_case(routes, stands, {}) == Proof.refuted(check, str(error))


def test_a_sandbox_that_fails_is_not_the_codes_fault(routes: Case) -> None:
    """The failure goes through."""
    stands: Any = Gone(SandboxFailed(Problem("no memory")))
    with pytest.raises(SandboxFailed):
        judge_case(routes, stands, {})


def test_a_text_is_looked_at_once(sandbox: Sandbox, routes: Case) -> None:
    """What was found in it is known in every application; its check comes before all others."""
    texts: room.Texts = {}
    assert judge_case(routes, sandbox, texts) == Proof()
    assert list(texts.values()) == [None]
    (key,) = texts
    texts[key] = LintDefect(check="black", message="it was changed")
    assert judge_case(routes, sandbox, texts) == Proof.refuted("black", "it was changed")
    assert judge_case(other(routes, "def"), sandbox, texts).check == "parses"
    assert len(texts) == 2


RAISES = "raise RuntimeError('not today')"
HOSTILE = {
    "os._exit(0)": "import os; os._exit(0)",
    "sys.exit()": "raise SystemExit(0)",
    "an error at import": RAISES,
    "an interrupt at import": "raise KeyboardInterrupt",
    "a fault in memory": "import ctypes; ctypes.string_at(0)",
    "a recursion": "def f(): f()\nf()",
    "a closed line": "import os; os.closerange(3, 256)",
    "much output": "import os\nfor _ in range(3000): os.write(1, b'y' * 65536)\n" + RAISES,
    "no modules": "import sys; sys.modules.clear()\n" + RAISES,
    "another json": "import json; json.dumps = json.loads = None\n" + RAISES,
    "another print": "import builtins; builtins.print = builtins.open = None\n" + RAISES,
    "no way to import": "import builtins; del builtins.__import__\n" + RAISES,
}


@pytest.mark.parametrize("line", HOSTILE.values(), ids=HOSTILE)
def test_hostile_routes_are_refuted_in_plain_words(
    line: str, sandbox: Sandbox, routes: Case
) -> None:
    """In one short message; the next case is proven as if nothing had been."""
    case = behind(routes, line)
    told = judge_case(case, sandbox, known(case))
    assert told.check in ("boots", SANDBOX_CHECK)
    assert 0 < len(told.message) <= 600
    assert "Traceback" not in told.message
    assert judge_case(routes, sandbox, known(routes)) == Proof()


def test_what_raises_at_import_is_told(sandbox: Sandbox, routes: Case) -> None:
    """In its own words."""
    case = behind(routes, RAISES)
    told = judge_case(case, sandbox, known(case))
    assert told.check == "boots"
    assert "the application does not start: RuntimeError: not today" in told.message


@pytest.mark.thorough
def test_what_loops_ends_after_its_work(sandbox: Sandbox, cases: dict[str, Case]) -> None:
    """The same on a busy machine, so it is a proof that may be kept."""
    with Sandbox(WARM, limits=replace(LIMITS, cpu_seconds=2)) as short:
        case = behind(cases["fastapi-routes"], "while True: pass")
        told = judge_case(case, short, known(case))
        assert told.check == SANDBOX_CHECK
        assert judge_case(cases["sqlite-schema"], short, known(cases["sqlite-schema"])) == Proof()


@pytest.mark.thorough
def test_what_sleeps_runs_out_of_time(routes: Case, tmp_path: Path) -> None:
    """By the limits of the prover, which keeps no such proof."""
    case, proofs = behind(routes, "import time; time.sleep(1000)"), ProofCache(tmp_path)
    one = Prover(proofs, limits=HASTY)
    one._texts.update(known(case))
    try:
        assert one.prove(case).check == TIME_CHECK
        assert one.prove(case).check == TIME_CHECK
        assert (one.cost.made, one.cost.kept) == (2, 0)
        assert one.cost.seconds > 2 * HASTY.wall_seconds
    finally:
        one.close()


# Each makes whatever a suite asks look right; the routes below it answer nothing but errors.
PATCHES = {
    "the client": "from starlette.testclient import TestClient\n"
                  "from types import SimpleNamespace as S\n"
                  "class Yes:\n"
                  "    status_code, content = 201, b''\n"
                  "    def json(self): return {'id': 1}\n"
                  "TestClient.request = lambda *_, **__: Yes()\n",
    "json": "import json\njson.loads = lambda *_, **__: {'id': 1}\n",
    "ASGI": f"import {http_library.NAME} as httpx\n"
            "httpx.Response.json = lambda self: {'id': 1, 'name': 'x'}\n",
}  # fmt: skip


@pytest.mark.parametrize("patch", PATCHES.values(), ids=PATCHES)
def test_routes_that_patch_what_asks_them_are_refuted(
    patch: str, sandbox: Sandbox, routes: Case
) -> None:
    """What is said once must be said of every row."""
    text = f"from fastapi import APIRouter\nrouter = APIRouter()\n{patch}"
    case = other(routes, text)
    told = judge_case(case, sandbox, known(case))
    assert told.check in ("create", "list", "read", SANDBOX_CHECK)
    assert judge_case(routes, sandbox, known(routes)) == Proof()


LAZY = "import pytest\n\n\ndef test_nothing(client):\n    assert True\n"
SUITES = {
    "tests nothing": (LAZY, "mutants"),
    "no test": ("X = 1\n", "collects"),
    "ends pytest": (
        "import pytest\n\n\ndef test_a():\n    pytest.exit('enough', returncode=0)\n", "passes"),
    "skips": ("import pytest\n\n\ndef test_a():\n    pytest.skip('later')\n", "passes"),
    "skips itself": ("import pytest\npytest.skip('later', allow_module_level=True)\n", "collects"),
    "leaves": ("import os\n\n\ndef test_a():\n    os._exit(0)\n", SANDBOX_CHECK),
    "leaves at import": ("import os\nos._exit(0)\n", SANDBOX_CHECK),
    "expects failure": (
        "import pytest\n\n\n@pytest.mark.xfail\ndef test_a():\n    assert False\n", "passes"),
    "interrupts": ("def test_a():\n    raise KeyboardInterrupt\n", "passes"),
    "does not parse at run": ("import nothing_of_this_name\n", "collects"),
    "asks for what is not there": ("def test_a(clent):\n    assert clent\n", "passes"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "check"), SUITES.values(), ids=SUITES)
def test_suites_that_prove_nothing_are_refuted(
    text: str, check: str, sandbox: Sandbox, cases: dict[str, Case]
) -> None:
    """A message of its own for each way round the checks."""
    case = other(cases["pytest-tests"], text)
    told = judge_case(case, sandbox, known(case))
    assert told.check == check, told.message
    assert 0 < len(told.message) <= 600


def test_every_reference_is_accepted_with_its_figures(
    sandbox: Sandbox, cases: dict[str, Case]
) -> None:
    """Short limits are enough for right files."""
    found = {kind: judge_case(case, sandbox, {}) for kind, case in cases.items()}
    assert [proof.check for proof in found.values()] == [""] * 4
    assert found["pytest-tests"].figures["mutants"] == (8, 8)


def test_two_workers_with_one_folder_tell_the_same(
    sandbox: Sandbox, cases: dict[str, Case], tmp_path: Path
) -> None:
    """The second takes the proofs of the first, figures and all."""
    case = cases["pytest-tests"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "Sandbox", lambda *_, **__: sandbox)
        one, two = Prover(ProofCache(tmp_path)), Prover(ProofCache(tmp_path))
        assert one.prove(case) == two.prove(case)
    assert (one.cost.made, two.cost.kept) == (1, 1)
    assert two.prove(case).figures["mutants"] == (8, 8)
