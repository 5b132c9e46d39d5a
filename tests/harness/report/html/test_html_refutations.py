"""What was refuted, by file and check."""

from made_up_run import cell, refuted, series

from flagbench.acceptance.artifact_proof import MADE_CHECK
from flagbench.report.html.refutations import Refutation, refutation_summary


def test_the_most_frequent_comes_first_with_one_example() -> None:
    """The example is the same whichever series ran first."""
    one, two = refuted(message="b", approved=False), refuted(message="a", sha256="b" * 64)
    members = [
        series("none", cells=[cell(1, refuted=[one]), cell(2, refuted=[refuted("z.py")])]),
        series("all", cells=[cell(1, refuted=[two])]),
    ]
    found = refutation_summary(members)
    assert found.refutations == [
        Refutation("app/a.py", "runs", 2, 1, "a", f"artifacts/{'b' * 12}-a.py"),
        Refutation("z.py", "runs", 1, 1, "it fails", f"artifacts/{'a' * 12}-z.py"),
    ]
    assert refutation_summary(members[::-1]) == found
    assert (found.requested, found.times, found.approved) == (12, 3, 2)


def test_a_file_that_was_never_made_cannot_be_opened() -> None:
    """There is nothing to link to."""
    (found,) = refutation_summary(
        [series(cells=[cell(refuted=[refuted(check=MADE_CHECK)])])]
    ).refutations
    assert found.example == ""


def test_a_scenario_without_proofs_asked_for_nothing() -> None:
    """The page then says so."""
    assert refutation_summary([series(cells=[cell(rates={})]), series("all", {})]).requested == 0
