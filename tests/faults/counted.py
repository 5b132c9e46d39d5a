"""Outcomes of faults, counted, and their table."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from click import echo

from flagbench.errors import FlagbenchError

# A fault is one clear error, or there is nothing to see of it.
TOLD, SAME = "error", "same"
# What must not be: something wrong is believed, or an error of Python's is all there is to see.
WRONG, CRASHED = "WRONG", "TRACEBACK"
MUST_NOT_BE = frozenset({WRONG, CRASHED, "CHANGED"})


@dataclass
class Row:
    """The outcomes of one fault; `paid` and `lost` answers where something was recorded."""

    fault: str
    outcomes: Counter[str] = field(default_factory=Counter)
    paid: int = 0
    lost: int = 0


def outcome_of(act: Callable[[], str]) -> str:
    """The outcome of an action: what it returns, or that of its error."""
    try:
        return act()
    except FlagbenchError:
        return TOLD
    except Exception as error:
        echo(f"{type(error).__name__}: {str(error)[:300]}", err=True)
        return CRASHED


def table(rows: Iterable[Row], outcomes: Sequence[str], *, is_paid: bool = False) -> list[str]:
    """The lines of a table in Markdown."""
    costs = ("paid", "lost") if is_paid else ()
    lines = [f"| fault | tries | {' | '.join((*outcomes, *costs))} |"]
    lines.append("|---" * (2 + len(outcomes) + len(costs)) + "|")
    for row in rows:
        counts = [row.outcomes.total(), *(row.outcomes[outcome] for outcome in outcomes)]
        counts += [row.paid, row.lost] if is_paid else []
        lines.append(f"| {row.fault} | {' | '.join(f'{count:,}' for count in counts)} |")
    return lines
