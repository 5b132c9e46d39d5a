"""Proves cases in the sandbox, or takes their proof from the cache."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from flagbench import extras
from flagbench.acceptance import packages
from flagbench.acceptance.enterprise.probe_client import MissingTool
from flagbench.acceptance.kinds import (
    CHECKS_OF,
    EXTRA_OF,
    JUDGES,
    READ_ALONE,
    TEXT_CHECKS,
    checks_of,
)
from flagbench.acceptance.own_cases import OwnCase
from flagbench.acceptance.own_judges import OwnJudges
from flagbench.acceptance.probe.tools import WARM as WARM_TOOLS
from flagbench.acceptance.probe_client import WARM, LintDefect, ProbeClient
from flagbench.acceptance.processes import Processes
from flagbench.acceptance.proof import (
    SANDBOX_CHECK,
    TIME_CHECK,
    Figures,
    Proof,
    Provable,
    Refuted,
)
from flagbench.acceptance.proof_cache import ProofCache, key_of
from flagbench.acceptance.sandbox.limits import MIB
from flagbench.acceptance.sandbox.platform_support import can_run_children, has_sandbox
from flagbench.acceptance.sandbox.sandbox import (
    Isolation,
    Limits,
    Misbehaved,
    Raised,
    Sandbox,
    SandboxFailed,
    TimedOut,
)
from flagbench.acceptance.selection import ALL, Selection
from flagbench.errors import CouldNotRun, Problem

NO_SANDBOX = "no sandbox on this platform (generated code was not run)"
_LIMITS = Limits()
# Address space, of which programs in Go reserve far more than they use.
_TOOLS_MEMORY_BYTES = 64 * 1024 * MIB

# Path, text and the names it must use -> the check of the text that failed.
Texts = dict[tuple[str, str, tuple[str, ...]], LintDefect | None]


@dataclass(frozen=True, slots=True)
class ProvingCost:
    """Cost of proving: proofs made, proofs taken from the cache (`kept`), and seconds in all."""

    made: int = 0
    kept: int = 0
    seconds: float = 0.0

    def __sub__(self, other: "ProvingCost") -> "ProvingCost":
        return ProvingCost(
            self.made - other.made, self.kept - other.kept, self.seconds - other.seconds
        )


class Undecided(CouldNotRun):
    """A selected check that could not run, because a check that it needs failed."""


class MissingPackage(CouldNotRun):
    """An application that imports a package which is not installed here."""


class Prover:
    """Owner of the sandbox, which starts with the first case that is not cached; must be closed.

    Use a separate cache for `limits` other than the default. `run_unsandboxed` runs generated code
    on a platform that has no sandbox, if it can be run there at all.
    """

    def __init__(
        self,
        proofs: ProofCache,
        *,
        require_isolation: bool = False,
        run_unsandboxed: bool = False,
        limits: Limits = _LIMITS,
    ) -> None:
        self._proofs = proofs
        self._limits = limits
        self._require_isolation = require_isolation
        self._run_unsandboxed = run_unsandboxed
        self._texts: Texts = {}
        self._kinds: set[str] = set()
        self._own = OwnJudges(self._require_walls)
        self.cost = ProvingCost()

    @cached_property
    def _sandbox(self) -> Sandbox:
        sandbox = Sandbox(WARM, limits=self._limits)
        self._require_walls(sandbox)
        return sandbox

    @cached_property
    def _tools(self) -> Sandbox:
        limits = replace(self._limits, memory_bytes=_TOOLS_MEMORY_BYTES)
        sandbox = Sandbox(WARM_TOOLS, limits=limits, runs_programs=True)
        self._require_walls(sandbox)
        return sandbox

    def _require_walls(self, sandbox: Sandbox) -> None:
        if self._require_isolation and not sandbox.isolation.is_full:
            sandbox.close()
            what = f"the sandbox lacks {', '.join(sandbox.isolation.missing)}"
            fix = "run without --require-isolation, on a machine that you can afford to lose"
            raise SandboxFailed(Problem(what, fix=fix))

    @property
    def obstacle(self) -> Problem | None:
        """The reason why this platform runs no generated code; None where it does."""
        if has_sandbox() or (self._run_unsandboxed and can_run_children()):
            return None
        fix = "run it on Linux, in a container or a virtual machine"
        if can_run_children():
            fix += (
                "; or, on a machine that you can lose, with --flagbench-run-unsandboxed"
                " (flagbench accept: --run-unsandboxed)"
            )
        return Problem(f"not proven: {NO_SANDBOX}", fix=fix)

    @property
    def isolation(self) -> Isolation | None:
        """Isolation of the sandbox, of several the one that lacks most; None if none started."""
        tiers = [
            sandbox.isolation
            for name, sandbox in self.__dict__.items()
            if name in ("_sandbox", "_tools")
        ]
        return max([*tiers, *self._own.isolations], key=lambda t: len(t.missing), default=None)

    def prove(self, case: Provable, selection: Selection = ALL) -> Proof:
        """Prove a case by the selected checks.

        Raises `CouldNotRun` where that is not possible: `SandboxFailed`, `MissingExtra`,
        `MissingPackage`, `Undecided`.
        """
        if self.obstacle is not None:
            raise SandboxFailed(self.obstacle)
        started = time.perf_counter()
        if isinstance(case, OwnCase):
            case = self._own.with_inputs(case)
        elif case.kind not in READ_ALONE:
            self._require_libraries(case.kind)
            if self._require_isolation:
                self._sandbox  # noqa: B018  a cached proof does not excuse a missing wall
        key = key_of(case, selection)
        cached = self._proofs.get(key)
        if cached is not None:
            proof = cached
        elif isinstance(case, OwnCase):
            proof = self._own.prove(case)
        elif case.kind in READ_ALONE:
            proof = judge_reading(case, selection)
        else:
            proof = judge_case(
                case, self._sandbox, self._texts, selection, tools=lambda: self._tools
            )
        if cached is None and proof.check != TIME_CHECK:
            self._proofs.put(key, proof)
        self.cost = ProvingCost(
            self.cost.made + (cached is None),
            self.cost.kept + (cached is not None),
            self.cost.seconds + time.perf_counter() - started,
        )
        return proof

    def prove_each(
        self, case: Provable, selection: Selection = ALL
    ) -> dict[str, Proof | CouldNotRun]:
        """Prove a case by each selected check alone, in an application of its own.

        The result by check: accepted, refuted by this check, or the reason why it could not run.
        """
        results: dict[str, Proof | CouldNotRun] = {}
        for check in selection.of(checks_of(case)):
            try:
                results[check] = self.prove(case, Selection(frozenset((check,))))
            except (Undecided, MissingPackage, MissingTool) as error:
                results[check] = error
        return results

    def _require_libraries(self, kind: str) -> None:
        """Raise `MissingExtra`; looked up once for each kind."""
        if kind not in self._kinds:
            extras.require(EXTRA_OF[kind], f"proving {kind}")
            self._kinds.add(kind)

    def close(self) -> None:
        """Close the sandboxes."""
        self._own.close()
        for name in ("_sandbox", "_tools"):
            if name in self.__dict__:
                self.__dict__[name].close()


def judge_reading(case: Provable, selection: Selection = ALL) -> Proof:
    """Run the checks of a case that need no sandbox, up to the first that fails.

    Raises `Undecided` where a check fails that is not selected.
    """
    try:
        JUDGES[case.kind](case, None, {}, selection)
    except Refuted as refuted:
        _require_selected(refuted, selection)
        return Proof.refuted(refuted.check, str(refuted))
    return Proof()


def judge_case(
    case: Provable,
    sandbox: Sandbox,
    texts: Texts,
    selection: Selection = ALL,
    *,
    tools: Callable[[], Sandbox] | None = None,
) -> Proof:
    """Run the checks of the text, then those of the kind, up to the first that fails.

    `texts` caches the result of all checks for a text, which may be part of many applications.
    `tools` gives the sandbox of the programs that read files.
    Raises `Undecided` where a check fails that is not selected, and `MissingPackage`.
    """
    figures: Figures = {}
    known = texts if selection == ALL else {}
    try:
        with Processes(sandbox, case.files, tools) as processes:
            probe = ProbeClient(processes)
            for path, names in case.texts.items():
                _check_text(path, case.files[path], names, probe, known, selection)
            if selection.has(*CHECKS_OF[case.kind]):
                JUDGES[case.kind](case, probe, figures, selection)
    except Refuted as refuted:
        _check_packages(refuted, case)
        _require_selected(refuted, selection)
        path = refuted.path if len(case.texts) > 1 else ""
        return replace(Proof.refuted(refuted.check, refuted.message, **figures), path=path)
    except TimedOut as error:
        return Proof.refuted(TIME_CHECK, str(error), **figures)
    except (Misbehaved, Raised) as error:
        return Proof.refuted(SANDBOX_CHECK, str(error), **figures)
    return Proof(figures=figures)


def _require_selected(refuted: Refuted, selection: Selection) -> None:
    if not selection.has(refuted.check):
        what = f"not decided, because {refuted.check} failed: {refuted.message}"
        raise Undecided(Problem(what)) from refuted


def _check_text(
    path: str,
    text: str,
    names: tuple[str, ...],
    probe: ProbeClient,
    known: Texts,
    selection: Selection,
) -> None:
    """Run the checks of the text. Raises `Refuted`."""
    key = (path, text, names)
    if key not in known:
        known[key] = probe.lint(path, names, selection.of(TEXT_CHECKS))
    defect = known[key]
    if defect is not None:
        raise Refuted(defect.check, defect.message, path)


def _check_packages(refuted: Refuted, case: Provable) -> None:
    """Raise `MissingPackage` where a check failed for want of a package, which proves nothing."""
    module = packages.lacking(refuted.message, case.files)
    if module is not None:
        what = f"{refuted.check}: module {module} is neither in the application nor installed here"
        fix = f"pip install the package that has {module}"
        if packages.REQUIREMENTS not in case.files:
            fix += (
                f"; or list all packages that the application may import in {packages.REQUIREMENTS}"
            )
        raise MissingPackage(Problem(what, where=next(iter(case.texts), ""), fix=fix)) from refuted
