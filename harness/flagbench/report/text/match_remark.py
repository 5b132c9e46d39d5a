"""Remarks on requests that were normalised before they were matched, and on calls of services."""

from collections.abc import Iterator, Sequence

from flagbench.measurement.cell_result import CellResult


def normalised(cells: Sequence[CellResult]) -> Iterator[str]:
    """The replacements by the rules of `match` in all trials of a series; nothing without rules."""
    told = []
    for rule in _rules(cells):
        places, requests = _sum(cells, rule)
        if places:
            told.append(f"{rule}: {_number(places, 'place')} in {_number(requests, 'request')}")
    if told:
        yield f"normalised {', '.join(told)}"


def services(cells: Sequence[CellResult]) -> Iterator[str]:
    """The calls of each service in all trials of a series."""
    for name in sorted(set[str]().union(*(cell.services for cell in cells))):
        used = [cell.services[name] for cell in cells if name in cell.services]
        failed = sum(usage.failed for usage in used)
        calls = _number(sum(usage.calls for usage in used), "call")
        yield f"{name}: {calls}" + (f", {failed:,} failed" if failed else "")


def unused_rules(cells: Sequence[CellResult]) -> list[str]:
    """A line for each rule that matched nothing in any cell of a scenario."""
    return [
        f"match: the rule ({rule}) matched nothing"
        for rule in _rules(cells)
        if not _sum(cells, rule)[0]
    ]


def _rules(cells: Sequence[CellResult]) -> list[str]:
    return list(dict.fromkeys(rule for cell in cells for rule in cell.normalised))


def _sum(cells: Sequence[CellResult], rule: str) -> tuple[int, int]:
    found = [cell.normalised[rule] for cell in cells if rule in cell.normalised]
    return sum(each.places for each in found), sum(each.requests for each in found)


def _number(count: int, unit: str) -> str:
    return f"{count:,} {unit}" + ("" if count == 1 else "s")
