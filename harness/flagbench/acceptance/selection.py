"""Selection of the checks that decide a proof."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Selection:
    """The names of the selected checks; None selects all.

    Other checks still run where a selected one needs what they do: no row is read before it is
    created.
    """

    names: frozenset[str] | None = None

    def has(self, *checks: str) -> bool:
        """True if at least one of these checks is selected."""
        return self.names is None or not self.names.isdisjoint(checks)

    def of(self, checks: Iterable[str]) -> list[str]:
        """The selected checks among these, in their order."""
        return [check for check in checks if self.has(check)]


ALL = Selection()
