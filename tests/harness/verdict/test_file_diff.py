"""Other files, and proofs with another result."""

import pytest

from flagbench.measurement.trace_rows import Trace, TracedFile, TracedProof, TraceStep
from flagbench.verdict.file_diff import file_changes, proof_changes, with_current_messages

TEXTS = {"a": "one\ntwo\n", "b": "one\n"}


def file(
    digest: str = "a", request: int = 1, trial: int = 1, *, approved: bool = True
) -> TracedFile:
    """A version of the file `m.py`."""
    return TracedFile(trial, request, "m.py", digest, approved)


def call(digest: str, request: int = 1) -> TraceStep:
    """A call of the first trial."""
    return TraceStep(1, request, "backend", "generate", digest, 1, 1)


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ([file()], [file()], []),
        ([file()], [file("b")], ["another text of m.py from the subject"]),
        ([file()], [file("b", approved=False)],
         ["another text of m.py from the subject, now rejected"]),
        ([file(approved=False)], [file()], ["m.py, now approved"]),
        ([file()], [], ["m.py is no longer generated"]),
        ([], [file()], ["m.py is now generated"]),
    ],
)  # fmt: skip
def test_changes_of_a_file(was: list[TracedFile], now: list[TracedFile], told: list[str]) -> None:
    """Its text, its approval, its existence."""
    own, later = file_changes(Trace(files=tuple(was)), Trace(files=tuple(now)), str, str)
    assert [change.text for change in own] == told
    assert later == []


def test_files_after_other_calls_are_told_apart() -> None:
    """They may follow from other answers; the request before that cannot."""
    was = Trace(steps=(call("x", 2),), files=tuple(file("a", number) for number in (1, 2, 3)))
    now = Trace(steps=(call("y", 2),), files=tuple(file("b", number) for number in (1, 2, 3)))
    (own,), (later,) = file_changes(was, now, TEXTS.__getitem__, TEXTS.__getitem__)
    assert (own.text, own.cases) == ("another text of m.py from the subject", ((1, 1),))
    assert own.diff == ("--- accepted", "+++ now", "@@ -1,2 +1 @@", " one", "-two")
    assert later.text == "another text of m.py after other calls"
    assert (later.cases, later.diff) == (((1, 2), (1, 3)), ())


def test_a_text_that_nobody_stored() -> None:
    """The reason stands in the place of the diff."""

    def missing(_: str) -> str:
        raise LookupError("x.files.xz does not have it")

    was, now = (Trace(files=(file(digest),)) for digest in "ab")
    (change,), _ = file_changes(was, now, missing, TEXTS.__getitem__)
    assert change.diff == ("(the accepted file is not available: x.files.xz does not have it)",)


def proof(check: str = "", message: str = "", trial: int = 1) -> TracedProof:
    """A proof of `m.py`."""
    return TracedProof(trial, 1, "m.py", check, message)


CHECKS = ", though no file is another: the checks have changed"


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        (proof(), proof(), []),
        (proof(), proof("form", "no field\nmore"), [f"m.py now fails form: no field{CHECKS}"]),
        (proof("form", "a"), proof("row", "b"), [f"m.py now fails row: b{CHECKS}"]),
        (proof("form", "a"), proof("form", "b"), []),
        (proof("form", "a"), proof(), [f"m.py no longer fails form{CHECKS}"]),
        (proof(), None, [f"m.py is no longer proven{CHECKS}"]),
        (None, proof(), ["m.py is now proven"]),
    ],
)
def test_changes_of_a_proof(
    was: TracedProof | None, now: TracedProof | None, told: list[str]
) -> None:
    """The first failed check with the first line of its message."""
    accepted, measured = (Trace(proofs=(one,) if one else ()) for one in (was, now))
    assert [change.text for change in proof_changes(accepted, measured)] == told


def test_a_message_of_the_same_check_is_another_result_only_of_another_file() -> None:
    """The checks of a file that is the same may say it in other words, with other samples."""
    was, now = proof("form", "a"), proof("form", "b")
    accepted = Trace(files=(file("a"),), proofs=(was,))
    same, other = (Trace(files=(file(digest),), proofs=(now,)) for digest in "ab")
    assert with_current_messages(accepted, same) == same
    assert with_current_messages(accepted, other) == accepted
    (change,) = proof_changes(accepted, other)
    assert change.text == "m.py fails form in another way: b"


def test_a_check_that_now_fails_comes_before_one_that_no_longer_does() -> None:
    """With all its cases, and without blame of the checks where the file is another."""
    was = Trace(
        files=(file("a"),), proofs=(proof("old", "x", 1), proof("", "", 2), proof("", "", 3))
    )
    now = Trace(
        files=(file("b"),), proofs=(proof("", "", 1), proof("new", "y", 2), proof("new", "y", 3))
    )
    first, second = proof_changes(was, now)
    assert (first.text, first.cases) == ("m.py now fails new: y", ((2, 1), (3, 1)))
    assert second.text == "m.py no longer fails old"
