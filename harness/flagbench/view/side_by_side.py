"""Two cells side by side: their calls, aligned by task, and what each difference costs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff

from flagbench.view.cell_view import CallView, CellView

SAME, CHANGED, LEFT, RIGHT = "same", "changed", "left", "right"


@dataclass(frozen=True, slots=True)
class Pair:
    """A call of the left cell and that of the right one which does the same task; None for none."""

    left: CallView | None
    right: CallView | None

    @property
    def any(self) -> CallView:
        """The call, of the left cell if there is one."""
        call = self.left or self.right
        assert call is not None, "a pair has a call"  # noqa: S101  an invariant
        return call

    @property
    def kind(self) -> str:
        """`same` request, `changed`, or only on the `left` or `right`."""
        if self.left is None or self.right is None:
            return LEFT if self.right is None else RIGHT
        return SAME if self.left.key == self.right.key else CHANGED

    @property
    def tokens(self) -> int | None:
        """The tokens of the right call minus those of the left; None if one is unknown."""
        sides = [call.tokens for call in (self.left, self.right) if call]
        if None in sides:
            return None
        left, right = (call.tokens or 0 if call else 0 for call in (self.left, self.right))
        return right - left

    @property
    def seconds(self) -> float:
        """The latency of the right call minus that of the left, on the cells' clocks."""
        left, right = (
            call.ended_seconds - call.started_seconds if call else 0.0
            for call in (self.left, self.right)
        )
        return right - left

    def diff(self, part: str) -> str:
        """The unified diff of the `prompt_text` or the `answer_text`; "" for equal ones."""
        left, right = (
            getattr(call, part).splitlines() if call else [] for call in (self.left, self.right)
        )
        return "\n".join(list(unified_diff(left, right, lineterm=""))[2:])


@dataclass(frozen=True, slots=True)
class Split:
    """The difference in tokens of two cells, by the kind of pair that it comes from.

    The parts add up to the difference; None where a call's tokens are unknown.
    """

    changed: int | None
    only_left: int | None
    only_right: int | None


def align(left: CellView, right: CellView) -> list[Pair]:
    """Pair the calls of two cells by task, then by equal requests, then by their order."""
    tasks = dict.fromkeys(call.task for call in (*left.calls, *right.calls))
    pairs = [
        pair
        for task in tasks
        for pair in _aligned(
            [call for call in left.calls if call.task == task],
            [call for call in right.calls if call.task == task],
        )
    ]
    return sorted(pairs, key=lambda pair: (pair.any.request, pair.any.started_seconds))


def _aligned(left: Sequence[CallView], right: Sequence[CallView]) -> Iterator[Pair]:
    keys, others = ([call.key for call in calls] for calls in (left, right))
    matched = SequenceMatcher(None, keys, others, autojunk=False).get_opcodes()
    for _, start, end, other, until in matched:
        both = min(end - start, until - other)
        yield from map(Pair, left[start : start + both], right[other : other + both])
        yield from (Pair(call, None) for call in left[start + both : end])
        yield from (Pair(None, call) for call in right[other + both : until])


def split(pairs: Sequence[Pair]) -> Split:
    """Attribute the difference in tokens to the kinds of pairs."""
    return Split(*(_total(pairs, kind) for kind in (CHANGED, LEFT, RIGHT)))


def _total(pairs: Sequence[Pair], kind: str) -> int | None:
    amounts = [pair.tokens for pair in pairs if pair.kind == kind]
    return None if None in amounts else sum(amount or 0 for amount in amounts)
