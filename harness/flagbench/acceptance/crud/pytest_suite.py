"""Judge of a pytest suite: it passes on the application and fails on each mutant of it."""

from flagbench.acceptance.mutants import MUTANTS
from flagbench.acceptance.probe_client import ProbeClient
from flagbench.acceptance.proof import Case, Figures, Refuted
from flagbench.acceptance.selection import Selection

CHECKS = ("collects", "passes", "mutants")


def judge(case: Case, probe: ProbeClient, figures: Figures, selection: Selection) -> None:
    """Run the suite without and with every mutant; record the figures `tests` and `mutants`.

    Raises `Refuted`.
    """
    run = probe.suite(case.path, case.entity.collection_address)
    collected, failed = run.collected, run.failed
    figures["tests"] = (len(collected) - len(failed), len(collected))
    if run.broken or not collected:
        raise Refuted("collects", "; ".join(run.broken) or "it contains no tests")
    if not selection.has("passes", "mutants"):
        return
    if failed:
        name, message = next(iter(failed.items()))
        count = f"{len(failed)} of {len(collected)} tests failed"
        raise Refuted("passes", f"{count}; {_last(name)}: {message}")
    if set(run.caught) != set(MUTANTS):
        raise Refuted("passes", "the suite ended the run before all of its tests had run")
    if not selection.has("mutants"):
        return
    caught = [name for name, is_caught in run.caught.items() if is_caught]
    figures["mutants"] = (len(caught), len(MUTANTS))
    if run.flaky and len(caught) < len(MUTANTS):
        name, message = next(iter(run.flaky.items()))
        fails = f"{_last(name)} fails when it runs again on the unbroken application"
        raise Refuted("mutants", f"{fails}: {message}")
    if len(caught) < len(MUTANTS):
        passed = ", ".join(sorted(set(MUTANTS) - set(caught)))
        raise Refuted("mutants", f"the suite still passes although {passed}")
    if run.idle:
        raise Refuted("mutants", f"{_last(run.idle[0])} can never fail: any answers will do for it")


def _last(name: str) -> str:
    return name.rpartition("::")[2]
