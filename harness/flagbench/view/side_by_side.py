"""Two cells side by side: their calls, paired by task."""

from dataclasses import dataclass
from difflib import unified_diff

from flagbench.measurement.call_pairs import paired
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
        """`same` request and answer, `changed`, or only on the `left` or `right`."""
        if self.left is None or self.right is None:
            return LEFT if self.right is None else RIGHT
        is_same = self.left.digest == self.right.digest and self.left.answer == self.right.answer
        return SAME if is_same else CHANGED

    def diff(self, part: str) -> str:
        """The unified diff of the `prompt_text` or the `answer_text`; "" for equal ones."""
        left, right = (
            getattr(call, part).splitlines() if call else [] for call in (self.left, self.right)
        )
        return "\n".join(list(unified_diff(left, right, lineterm=""))[2:])


def align(left: CellView, right: CellView) -> list[Pair]:
    """Pair the calls of two cells, as an explanation pairs them."""
    found = paired(left.calls, right.calls, lambda call: len(call.prompt_text))
    pairs = [Pair(*calls) for _, *calls in found]
    return sorted(pairs, key=lambda pair: (pair.any.request, pair.any.started_seconds))
