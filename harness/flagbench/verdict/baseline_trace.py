"""Traces that were accepted with a baseline: `baselines/<scenario>.steps.json`.

A baseline has the measured values, this file what was done behind them (calls, decisions, files,
proofs, reported rates), so that a change can be explained. A digest tells a damaged file.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from flagbench import strict_json, text_file
from flagbench.atomic_file import write_whole
from flagbench.cassette.cassette import canonical, sha256
from flagbench.errors import InputError, Problem
from flagbench.measurement.proof_message import repeatable
from flagbench.measurement.trace_rows import (
    Trace,
    TracedFile,
    TracedMetric,
    TracedProof,
    TracedRate,
    TracedRecording,
    TraceStep,
)

SCHEMA = 2

Traces = Mapping[str, Trace]
"""Combination id -> the trace of all its trials."""

_KINDS = tuple(field.name for field in fields(Trace))
_OPTIONAL = ("metrics",)


class OtherVersion(InputError):  # noqa: N818  what the file is of
    """Traces that another version of flagbench accepted."""


class _Rows(BaseModel):
    """Distinct rows of each kind of a trace; the subject's own numbers only where it has any."""

    model_config = ConfigDict(extra="forbid")

    steps: list[TraceStep]
    files: list[TracedFile]
    proofs: list[TracedProof]
    rates: list[TracedRate]
    recordings: list[TracedRecording]
    metrics: list[TracedMetric] = []


class _File(BaseModel):
    """`series` maps a combination id to the places of its rows of each kind, as ranges."""

    model_config = ConfigDict(extra="forbid")

    schema_version: int
    digest: str
    rows: _Rows
    series: dict[str, dict[str, str]]


def path_of(folder: Path, scenario: str) -> Path:
    """The path of the accepted traces of a scenario."""
    return folder / f"{scenario}.steps.json"


def load(path: Path) -> Traces:
    """Read the accepted traces, empty without a file.

    Raises `OtherVersion` for a file of another version, and `InputError` for an invalid one.
    """
    fix = "restore it from version control, or flagbench run --accept-baselines"
    try:
        raw = strict_json.parse(text_file.read_bytes(path).decode("utf-8"))
        _check_digest(raw)
        version = raw.get("schema_version") if isinstance(raw, dict) else None
        if isinstance(version, int) and version != SCHEMA:
            what, expected = f"schema version {version} is unknown", f"version {SCHEMA}"
            raise OtherVersion(
                Problem(what, str(path), expected, "flagbench run --accept-baselines")
            )
        file = _File.model_validate(raw)
        file.rows.proofs = [
            proof._replace(message=repeatable(proof.message)) for proof in file.rows.proofs
        ]
        return {name: _trace(file.rows, places) for name, places in file.series.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, LookupError) as error:
        what = f"cannot be read: {error}"
        raise InputError(Problem(what, where=str(path), fix=fix)) from error


def digest_of(content: Mapping[str, Any]) -> str:
    """The digest of everything in a file except its digest; layout does not count."""
    rest = {name: value for name, value in content.items() if name != "digest"}
    return sha256(canonical(rest))


def _check_digest(raw: object) -> None:
    """Raise `ValueError` for a digest that differs; a file of another version may have none."""
    if isinstance(raw, dict) and raw.get("digest", digest := digest_of(raw)) != digest:
        raise ValueError("it is damaged or was edited by hand (its digest differs)")


def merge(old: Traces, new: Traces, declared: Sequence[str]) -> Traces:
    """Add to the new traces the old ones of declared series that were not run."""
    retained = {name: trace for name, trace in old.items() if name in declared}
    return dict(sorted({**retained, **new}.items()))


def save(path: Path, traces: Traces) -> None:
    """Write the file atomically: the distinct rows, and for each series the places of its own."""
    tables, series = [], {name: dict[str, str]() for name in traces}
    for kind in _KINDS:
        rows = sorted({row for trace in traces.values() for row in getattr(trace, kind)})
        if not rows and kind in _OPTIONAL:
            continue
        place = {row: number for number, row in enumerate(rows)}
        lines = ",\n".join(_line(row) for row in rows)
        tables.append(f'"{kind}":[\n{lines}\n]')
        for name, trace in traces.items():
            series[name][kind] = _ranges([place[row] for row in getattr(trace, kind)])
    ranges = json.dumps(series, indent=1, ensure_ascii=False)
    rows_of_kinds = ",\n".join(tables)
    body = f'"schema_version":{SCHEMA},"rows":{{{rows_of_kinds}}},\n"series":{ranges}}}\n'
    content = f'{{"digest":"{digest_of(json.loads("{" + body))}",\n{body}'
    # Half a surrogate pair becomes its escape in JSON.
    write_whole(path, content.encode("utf-8", "backslashreplace"))


def _trace(rows: _Rows, places: Mapping[str, str]) -> Trace:
    places = {**dict.fromkeys(_OPTIONAL, ""), **places}
    return Trace(
        **{
            kind: tuple(getattr(rows, kind)[place] for place in _places(places[kind]))
            for kind in _KINDS
        }
    )


def _line(row: Any) -> str:
    """Format a row without the defaults at its end."""
    values = list(row)
    while values and values[-1] == row._field_defaults.get(row._fields[len(values) - 1]):
        values.pop()
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _ranges(places: Sequence[int]) -> str:
    """Format places as ranges: 0, 1, 2, 3, 4, 4, 9 is `0-4 4 9`."""
    starts = [0, *(n for n, (a, b) in enumerate(pairwise(places), 1) if b != a + 1)]
    runs = [places[a:b] for a, b in pairwise([*starts, len(places)])]
    return " ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs if run)


def _places(text: str) -> list[int]:
    places: list[int] = []
    for run in text.split():
        first, _, last = run.partition("-")
        places += range(int(first), int(last or first) + 1)
    return places
