"""Errors say what was found, where, what was expected and how to fix it."""

from harness.errors import CellStopped, CouldNotRun, ExitCode, FlagbenchError, InputError, Problem


def test_a_problem_says_everything_it_knows() -> None:
    """And nothing where it knows nothing."""
    whole = Problem("it is wrong", where="a.yaml:3", expected="this", fix="do that")
    assert str(whole) == ("a.yaml:3: it is wrong\n    expected: this\n    fix: do that")
    assert str(Problem("it is wrong")) == "it is wrong"


def test_several_problems_are_all_told() -> None:
    """One line after the other, from a tuple or from any other source."""
    error = InputError(Problem(what) for what in ("one", "two"))
    assert str(error) == "one\ntwo"
    assert [one.what for one in error.problems] == ["one", "two"]


def test_exit_codes_go_with_the_kind_of_error() -> None:
    """Wrong input is 2, what could not run 3."""
    assert FlagbenchError(Problem("x")).exit_code == InputError(Problem("x")).exit_code == 2
    assert CouldNotRun(Problem("x")).exit_code == ExitCode.COULD_NOT_RUN == 3


def test_a_stopped_cell_is_no_exception_that_a_subject_would_catch() -> None:
    """`except Exception` lets it through, and its reason comes with it."""
    stopped = CellStopped(CouldNotRun(Problem("not recorded")))
    assert not isinstance(stopped, Exception)
    assert str(stopped) == "not recorded"
