"""Result files for programs: `cells.jsonl` and `summary.json`, byte-identical for equal results."""

import json
from pathlib import Path
from typing import Any

from flagbench.atomic_file import write_whole
from flagbench.measurement import results
from flagbench.report import split_text, versions
from flagbench.report.data import series_file
from flagbench.report.inputs import Inputs
from flagbench.report.series_report import RunReport, SeriesReport
from flagbench.report.text import provisional_text
from flagbench.report.text.token_remark import remark
from flagbench.run import network

SUMMARY_SCHEMA = 1
SUMMARY_FILE = "summary.json"
ENVIRONMENT_FILE = "environment.json"


def write(report: RunReport, folder: Path, inputs: Inputs | None = None) -> None:
    """Write both files, `series.jsonl`, `overhead.json` (the cost on this machine) and versions.

    `inputs` are stated in the summary; a table that nobody ran has none.
    """
    rows = (cell.row() for series in report.series for cell in series.cells)
    total = sum(len(series.cells) for series in report.series)
    write_whole(folder / results.CELLS_FILE, results.lines_of(rows, total))
    write_whole(folder / series_file.FILE, series_file.lines(report))
    write_whole(folder / SUMMARY_FILE, _pretty(summary(report, inputs)))
    write_whole(folder / "overhead.json", _pretty(overhead(report)))
    write_whole(folder / ENVIRONMENT_FILE, _pretty(dict(versions.installed(versions.ALL))))


def summary(report: RunReport, inputs: Inputs | None = None) -> dict[str, Any]:
    """The verdict and metrics of every series, and why it was broken or could not run."""
    return {
        **({"inputs": inputs.document()} if inputs else {}),
        "schema_version": SUMMARY_SCHEMA,
        "digest": report.digest,
        "interrupted": report.interrupted,
        "crashes": report.crashes,
        **({"shard": report.shard} if report.shard else {}),
        "scenarios": {
            name: {
                "title": members[0].title,
                "provider": members[0].provider,
                "model": members[0].model,
                "requests": members[0].requests,
                "trials": members[0].trials,
                "series": {member.combination: _series_summary(member) for member in members},
            }
            for name, members in report.by_scenario().items()
        },
    }


def overhead(report: RunReport) -> dict[str, Any]:
    """CPU seconds and walls of the replay; a separate file, since they differ from run to run."""
    return {
        "cpu_seconds": {
            name: {member.combination: round(member.cpu_seconds, 4) for member in members}
            for name, members in report.by_scenario().items()
        },
        "local_cpu_seconds": {
            name: {member.combination: round(member.local_cpu_seconds, 4) for member in members}
            for name, members in report.by_scenario().items()
        },
        "known_cells": {
            name: {member.combination: member.known_cells for member in members}
            for name, members in report.by_scenario().items()
        },
        "network": network.tier(),
        "proving": {
            name: {member.combination: dict(member.proving) for member in members}
            for name, members in report.by_scenario().items()
        },
        "sandbox": sorted({series.walls for series in report.series if series.walls}),
    }


def _series_summary(series: SeriesReport) -> dict[str, Any]:
    known = series.provisional
    return {
        **({"provisional": provisional_text.document(known)} if known else {}),
        **({"split": split_text.document(series.split)} if series.split else {}),
        "verdict": series.outcome,
        "attempts": series.attempts,
        "metrics": dict(series.metrics),
        "remark": remark(series.cells),
        "broken": list(series.broken),
        **({"drift": list(series.drift)} if series.drift else {}),
        "reason": series.reason,
        "warnings": sorted({text for cell in series.cells for text in cell.warnings}),
    }


def _pretty(value: object) -> str:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
