"""Difference of the generated files of two traces, and of their proofs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import unified_diff

from flagbench.measurement.trace_rows import Trace, TracedFile, TracedProof
from flagbench.verdict.trace_diff import Case, Change

TextOf = Callable[[str], str]
"""Function from the digest of a file to its text. Raises `LookupError` with a reason."""

_CONTEXT_LINES = 2
_MESSAGE_CHARACTERS = 160

Files = Mapping[tuple[int, int, str], TracedFile]


def file_changes(
    accepted: Trace, measured: Trace, accepted_text: TextOf, current_text: TextOf
) -> tuple[list[Change], list[Change]]:
    """Find other files before a session makes other calls than accepted, and from then on.

    The first were changed by the subject itself, the others may be due to other answers.
    """
    was, now = _by_place(accepted.files), _by_place(measured.files)
    first_other = _first_other_calls(accepted, measured)
    own: dict[str, list[tuple[TracedFile | None, TracedFile | None]]] = {}
    later: dict[str, list[tuple[TracedFile | None, TracedFile | None]]] = {}
    for place in sorted(was.keys() | now.keys()):
        old, new = was.get(place), now.get(place)
        text = _text(old, new)
        if text:
            trial, request, _ = place
            groups = later if request >= first_other.get(trial, request + 1) else own
            groups.setdefault(text, []).append((old, new))
    return (
        _in_order(_change(text, pairs, accepted_text, current_text) for text, pairs in own.items()),
        [_change(text, pairs, accepted_text, None) for text, pairs in later.items()],
    )


def proof_changes(accepted: Trace, measured: Trace) -> list[Change]:
    """Find proofs with another result, those that now fail first."""
    accepted = with_current_messages(accepted, measured)
    was, now = ({row[:3]: row for row in trace.proofs} for trace in (accepted, measured))
    cases: dict[str, list[Case]] = {}
    for place in sorted(was.keys() | now.keys()):
        text = _proof_text(was.get(place), now.get(place))
        if text:
            cases.setdefault(text, []).append(place[:2])
    is_same = bool(was) and _has_same_files(accepted, measured)
    note = ", though no file is another: the checks have changed" * is_same
    changes = [
        Change(text + note, 0, tuple(dict.fromkeys(places))) for text, places in cases.items()
    ]
    return sorted(changes, key=lambda change: (" now " not in change.text, -len(change.cases)))


def with_current_messages(accepted: Trace, measured: Trace) -> Trace:
    """The accepted trace with the current message of each check that failed then, too.

    Where any file is another, with its own messages: otherwise a message is the check's matter.
    """
    if not _has_same_files(accepted, measured):
        return accepted
    now = {row[:4]: row for row in measured.proofs}
    return replace(accepted, proofs=tuple(now.get(row[:4], row) for row in accepted.proofs))


def _has_same_files(accepted: Trace, measured: Trace) -> bool:
    was, now = ({file[1:] for file in trace.files} for trace in (accepted, measured))
    return was == now


def _proof_text(old: TracedProof | None, new: TracedProof | None) -> str:
    if old is None or new is None:
        path = (old or new or TracedProof(0, 0, "", "", "")).path
        return f"{path} is {'no longer' if new is None else 'now'} proven"
    if new.check and new.check != old.check:
        return f"{new.path} now fails {new.check}: {_first_line(new.message)}"
    if new.message != old.message and new.check:
        return f"{new.path} fails {new.check} in another way: {_first_line(new.message)}"
    return f"{old.path} no longer fails {old.check}" if old.check != new.check else ""


def _first_other_calls(accepted: Trace, measured: Trace) -> Mapping[int, int]:
    """Trial -> the first request with other calls or answers than accepted."""
    was, now = (
        {step.bare for step in trace.steps if step.digest} for trace in (accepted, measured)
    )
    first: dict[int, int] = {}
    for step in sorted(was ^ now):
        first.setdefault(step.trial, step.request)
    return first


def _by_place(files: Iterable[TracedFile]) -> Files:
    return {(file.trial, file.request, file.path): file for file in files}


def _text(old: TracedFile | None, new: TracedFile | None) -> str:
    if new is None or old is None:
        path = (old or new or TracedFile(0, 0, "", "", approved=False)).path
        return f"{path} is {'no longer' if new is None else 'now'} generated"
    approval = {(True, False): ", now rejected", (False, True): ", now approved"}
    review = approval.get((old.approved, new.approved), "")
    if old.digest != new.digest:
        return f"another text of {new.path} from the subject{review}"
    return f"{new.path}{review}" if review else ""


def _change(
    text: str,
    pairs: Sequence[tuple[TracedFile | None, TracedFile | None]],
    accepted_text: TextOf,
    current_text: TextOf | None,
) -> Change:
    cases = tuple(
        sorted({(file.trial, file.request) for pair in pairs for file in pair if file is not None})
    )
    if current_text is None:
        return Change(text.replace(" from the subject", " after other calls"), 0, cases)
    return Change(text, 0, cases, diff=_diff(*pairs[0], accepted_text, current_text))


def _diff(
    old: TracedFile | None, new: TracedFile | None, accepted_text: TextOf, current_text: TextOf
) -> tuple[str, ...]:
    """Unified diff of the file in the first case, or a line with the reason for its absence."""
    if old is None or new is None or old.digest == new.digest:
        return ()
    try:
        texts = accepted_text(old.digest), current_text(new.digest)
    except LookupError as error:
        return (f"(the accepted file is not available: {error.args[0]})",)
    was, now = (text.splitlines() for text in texts)
    return tuple(unified_diff(was, now, "accepted", "now", n=_CONTEXT_LINES, lineterm=""))


def _in_order(changes: Iterable[Change]) -> list[Change]:
    """The most frequent change first: the cause of the others, if one is."""
    return sorted(changes, key=lambda change: (-len(change.cases), len(change.diff), change.text))


def _first_line(message: str) -> str:
    line = message.splitlines()[0] if message else ""
    return line if len(line) <= _MESSAGE_CHARACTERS else f"{line[:_MESSAGE_CHARACTERS]} …"
