"""A generated pytest suite: it passes on the application, and fails on one that is broken."""

from flagbench.acceptance.probe.mutants import MUTANTS
from flagbench.acceptance.probe_client import ProbeClient
from flagbench.acceptance.proof import Case, Figures, Refuted

CHECKS = ("collects", "passes", "mutants")

# A suite that lets more than half of the broken routes pass does not test them.
MUTANTS_SHARE = 0.5


def judge(case: Case, asker: ProbeClient, figures: Figures) -> None:
    """Run the suite as it is and under every mutant; notes `tests` and `mutants`."""
    told = asker.suite(case.path, case.entity.address)
    collected, failed = told.collected, told.failed
    figures["tests"] = (len(collected) - len(failed), len(collected))
    if told.broken or not collected:
        raise Refuted("collects", "; ".join(told.broken) or "there is no test in it")
    if failed:
        name, message = next(iter(failed.items()))
        count = f"{len(failed)} of {len(collected)} tests failed"
        raise Refuted("passes", f"{count}; {name.split('::')[-1]}: {message}")
    if set(told.caught) != set(MUTANTS):
        raise Refuted("passes", "the suite ended the run before all of its tests had run")
    caught = [name for name, found in told.caught.items() if found]
    figures["mutants"] = (len(caught), len(MUTANTS))
    if len(caught) >= MUTANTS_SHARE * len(MUTANTS):
        return
    if told.unsteady:
        name, message = next(iter(told.unsteady.items()))
        fails = f"{name.split('::')[-1]} fails when it is run again, with nothing broken"
        raise Refuted("mutants", f"{fails}: {message}")
    passed = ", ".join(sorted(set(MUTANTS) - set(caught)))
    raise Refuted("mutants", f"the suite stays green although {passed}")
