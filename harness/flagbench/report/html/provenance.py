"""Provenance of the figures: provider, recordings, inputs and versions."""

from collections.abc import Iterator, Sequence

from flagbench.report import versions as package_versions
from flagbench.report.content import Grid
from flagbench.report.inputs import Inputs
from flagbench.report.series_report import RunReport, SeriesReport
from flagbench.report.text import table


def scenarios(report: RunReport) -> Grid:
    """A row for each scenario, with its provider, model, tokenizer and prices."""
    return Grid(
        caption="Where the answers of each scenario were recorded",
        columns=(
            "scenario", "answers from", "model", "requests", "trials", "tokenizer", "prices of",
        ),
        rows=[_scenario(name, members) for name, members in report.by_scenario().items()],
    )  # fmt: skip


def recordings(report: RunReport) -> Grid:
    """A row for each replayed cassette, with its digest."""
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


def inputs(stated: Inputs) -> Grid:
    """The command of the run, and each file and module that it read, with its SHA-256."""
    return Grid(
        caption="Inputs",
        columns=("input", "kind", "value"),
        rows=[
            ("command", "command", stated.command),
            *((name, "code", digest) for name, digest in stated.code.items()),
            *((name, "file", digest) for name, digest in stated.files.items()),
        ],
    )


def versions() -> Grid:
    """The installed versions of packages that can change a figure."""
    return Grid(
        caption="Versions",
        columns=("package", "version"),
        rows=list(package_versions.installed(package_versions.ALL)),
    )


def _scenario(name: str, members: Sequence[SeriesReport]) -> tuple[str, ...]:
    first = members[0]
    cells = [cell for member in members for cell in member.cells]
    return (
        name,
        table.provider_of(first),
        _join(cell.model for cell in cells) or first.model,
        str(first.requests),
        str(first.trials),
        _join(cell.tokenizer for cell in cells) or "n/a",
        _join(cell.price_since for cell in cells if cell.price_since) or "no price",
    )


def _join(texts: Iterator[str]) -> str:
    return ", ".join(sorted(set(texts)))
