"""`series.jsonl`: the series of a run without their cells, a line each, for pages made later."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from flagbench import strict_json, text_file
from flagbench.cassette.cassette import sha256
from flagbench.errors import InputError, Problem
from flagbench.report.pictured_series import choose_series
from flagbench.report.series_report import RunReport, SeriesReport

FILE = "series.jsonl"
_FIX = "flagbench run"


def lines(report: RunReport) -> Iterator[str]:
    """The lines of the file, equal for equal results.

    What differs from run to run (times of this machine) and what no page shows is left out, and so
    are timelines that are not drawn.
    """
    for members in report.by_scenario().values():
        drawn = {member.combination for member in choose_series(members)}
        for member in members:
            kept = replace(
                member, cells=(), used={}, recorded={}, declared=(), cpu_seconds=0.0,
                local_cpu_seconds=0.0, local_work="", proving={}, walls="", walls_missing=(),
                known_cells=0, trace=None, texts={},
                timeline=member.timeline if member.combination in drawn else (),
            )  # fmt: skip
            text = json.dumps(_adapter().dump_python(kept, mode="json", warnings=False))
            yield f"{text[:-1]}, {_seal(text)}}}\n"


def load(folder: Path, scenario: str) -> Sequence[SeriesReport]:
    """The series of a scenario, in the order of its design, without cells.

    Only their lines are read. Raises `InputError` for a missing or damaged file.
    """
    path = folder / FILE
    begin = f'{{"scenario": {json.dumps(scenario)}, '
    try:
        text = text_file.read_bytes(path).decode("utf-8")
        return list(_parsed(line for line in text.split("\n") if line.startswith(begin)))
    except FileNotFoundError:
        raise InputError(Problem(f"no {FILE}", where=str(folder), fix=_FIX)) from None
    except (ValidationError, ValueError, TypeError) as error:
        what = f"not as it was written: {next(iter(str(error).splitlines()), repr(error))}"
        raise InputError(Problem(what, where=str(path), fix=_FIX)) from error


def _parsed(texts: Iterable[str]) -> Iterator[SeriesReport]:
    for line in texts:
        text = f"{line.rpartition(', ')[0]}}}"
        if f"{text[:-1]}, {_seal(text)}}}" != line:
            raise ValueError("a line differs from its checksum")
        yield _adapter().validate_python(strict_json.parse(text))


def _seal(text: str) -> str:
    return f'"checksum": "{sha256(text)[:16]}"'


@cache
def _adapter() -> TypeAdapter[SeriesReport]:
    return TypeAdapter(SeriesReport)
