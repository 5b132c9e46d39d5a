"""Remarks of a verdict on its figures: unknown time, the source of tokens, other counts."""

from collections.abc import Iterator, Sequence

from flagbench.cassette.usage.token_usage import Source, joined
from flagbench.measurement.cell_result import CellResult
from flagbench.report.text import match_remark

# A greater difference between counted and reported tokens is said beside the verdict.
TOLERATED = 0.02
_KINDS = {"prompt_tokens": "prompt", "completion_tokens": "completion"}


def remark(cells: Sequence[CellResult]) -> str:
    """The remark on the figures of a series, "" if all are known, counted, and not denied.

    What was normalised in its requests, and the calls of services, are part of it.
    """
    told = *_time(cells), *_sources(cells), *_differences(cells), *match_remark.normalised(cells)
    return "; ".join((*told, *match_remark.services(cells)))


def _time(cells: Sequence[CellResult]) -> Iterator[str]:
    if any(cell.seconds is None for cell in cells):
        yield "time: unknown"


def _sources(cells: Sequence[CellResult]) -> Iterator[str]:
    sources = {kind: _source(cells, kind) for kind in ("tokens", *_KINDS)}
    if sources["tokens"] != Source.MIXED:
        if sources["tokens"] == Source.REPORTED:
            yield f"tokens: {Source.REPORTED}"
        return
    told = (
        f"{name} {sources[kind]}"
        for kind, name in _KINDS.items()
        if sources[kind] != Source.COUNTED
    )
    yield f"tokens: {Source.MIXED} ({', '.join(told)})"


def _source(cells: Sequence[CellResult], kind: str) -> Source:
    return joined(Source(cell.tokens_source[kind]) for cell in cells)


def _differences(cells: Sequence[CellResult]) -> Iterator[str]:
    told = []
    for kind, name in _KINDS.items():
        difference = sum(cell.usage_difference[kind] for cell in cells)
        counted = sum(cell.usage_compared[kind] for cell in cells)
        if abs(difference) > TOLERATED * counted:
            share = f"{difference / counted:+z.1%}" if counted else f"{difference:+,}"
            told.append(f"{share} {name}")
    if told:
        yield f"provider reports {', '.join(told)} tokens"
