"""`report.md`: a job summary, verdict first."""

from pathlib import Path

from harness.files import write_whole
from harness.report import table
from harness.report.run_report import RunReport, SeriesReport
from harness.report.unused import Unused
from harness.verdict import Outcome


def write(report: RunReport, unused: Unused, folder: Path) -> None:
    """Write the report."""
    write_whole(folder / "report.md", "\n".join(lines(report, unused)) + "\n")


def lines(report: RunReport, unused: Unused) -> list[str]:
    """The report, a line each."""
    counts = ", ".join(f"{report.count(one)} {one.value}" for one in Outcome if report.count(one))
    cut = " (interrupted: not everything was run)" if report.interrupted else ""
    told = [f"# flagbench: {counts or 'nothing was run'}{cut}", ""]
    for outcome, series, reasons in table.wrong(report):
        told.append(f"- **{outcome}** `{series}`")
        told += ["  - " + reason.replace("\n", "\n    ") for reason in reasons]
    for name, members in report.by_scenario().items():
        told += _scenario(name, members)
    told += [f"- {line}" for line in unused.lines()]
    told += [f"- {line}" for line in table.proving(report)]
    told += ["", f"Digest of all cells: `{report.digest}`. {table.LEGEND}"]
    return told


def _scenario(name: str, members: list[SeriesReport]) -> list[str]:
    first = members[0]
    shown, left_out = table.rows(members, whole=False)
    told = [
        f"## {name}: {first.title}",
        "",
        f"{first.requests} request(s), {first.trials} trials, {provider_of(first)}.",
        "",
        "| " + " | ".join(table.COLUMNS) + " |",
        "|" + "|".join(["---", *["---:"] * (len(table.COLUMNS) - 2), "---"]) + "|",
    ]
    told += ["| " + " | ".join(table.cells(one)) + " |" for one in shown]
    if left_out:
        told += ["", f"{left_out} more series were KEPT; `summary.json` has them."]
    for one in members:
        if one.combination == "all" and one.metrics:
            told += ["", "`all`, per request: " + " · ".join(table.headline(one))]
    told += ["", *(f"- warning: {text}" for text in table.warnings(members))]
    told += [*(f"- refuted: {text}" for text in table.refuted(members)), ""]
    return told


def provider_of(one: SeriesReport) -> str:
    """Where the answers came from, in words that nobody can take for a vendor's model."""
    if one.provider == "simulated":
        return f"simulated provider (standing in for {one.model})"
    return f"provider {one.provider}, model {one.model}"
