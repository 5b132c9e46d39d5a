"""A case in a temporary project: its scenario is recorded from the server and replayed twice."""

import os
import traceback
from dataclasses import replace
from pathlib import Path

import yaml
from case import Case, Seen
from click.testing import CliRunner

from flagbench.cli.record import record
from flagbench.errors import FlagbenchError
from flagbench.measurement.cell_result import CellResult
from flagbench.report import series_report
from flagbench.report.text import remarks, table
from flagbench.run.options import Options
from flagbench.scenario import loading as scenarios
from flagbench.scenario.loading import Scenario
from flagbench.series.runner import SeriesRunner

PROVIDER = "odd"
_ENVIRONMENT = {"OPENAI_API_KEY": "some-key", "COLUMNS": "300"}


def run(case: Case, folder: Path, base_url: str) -> Seen:
    """Record and replay a case in a folder of its own."""
    path = _write(case, folder)
    options = Options(
        cassettes=folder / "cassettes",
        baselines=folder / "baselines",
        reports=folder / "reports",
        accept_baselines=True,  # no baseline is asked for
    )
    recorded, errors, crashes = _record(path, options, base_url)
    cassette = options.cassettes / PROVIDER / path.stem / "1.yaml"
    if errors or crashes:
        again = run(replace(case, mends=False), folder, base_url) if case.mends else None
        return Seen(recorded, errors=errors, crashes=crashes, cassette=cassette, again=again)
    scenario = scenarios.load(path)
    first, second = _Replay(scenario, options), _Replay(scenario, options)
    return Seen(
        recorded,
        first.cells,
        first.verdicts,
        first.remarks,
        [*errors, *first.errors],
        [*crashes, *first.crashes, *second.crashes],
        differs=(first.cells, first.errors) != (second.cells, second.errors),
        cassette=cassette,
    )


def _write(case: Case, folder: Path) -> Path:
    document = {
        "title": case.name,
        "about": "A case.",
        "subject": case.subject if "." in case.subject else f"odd_calls.{case.subject}",
        "model": case.model,
        "provider": {"name": PROVIDER},
        "trials": 1,
        "requests": ["Write a function."],
        **case.keys,
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in case.files.items():
        raw = content if isinstance(content, bytes) else content.encode()
        (folder / name).write_bytes(raw)
    path = folder / f"{case.name}.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


def _record(path: Path, options: Options, base_url: str) -> tuple[str, list[str], list[str]]:
    """What `flagbench record` says, its error, and its traceback."""
    arguments = [str(path), "--base-url", base_url, "--provider", PROVIDER, "--yes"]
    where = ["--cassettes", str(options.cassettes)]
    kept = {name: os.environ.pop(name, None) for name in ("OPENAI_BASE_URL",)}
    try:
        result = CliRunner(env=_ENVIRONMENT).invoke(record, [*arguments, *where])
    finally:
        os.environ.update({name: value for name, value in kept.items() if value is not None})
    error = result.exception
    if isinstance(error, FlagbenchError):
        return result.output, [str(error)], []
    if error is not None:
        return result.output, [], ["".join(traceback.format_exception(error))]
    return result.output, [], []


class _Replay:
    """A replay of every series of a scenario, with nothing kept from another."""

    def __init__(self, scenario: Scenario, options: Options) -> None:
        self.cells: dict[str, CellResult] = {}
        self.verdicts: dict[str, str] = {}
        self.remarks: list[str] = []
        self.errors: list[str] = []
        self.crashes: list[str] = []
        runner = SeriesRunner(options)
        try:
            for combination in scenario.combinations:
                try:
                    series = runner.series(scenario, combination)
                except FlagbenchError as error:
                    self.errors.append(str(error))
                    continue
                except BaseException:
                    self.crashes.append(traceback.format_exc())
                    continue
                report = series_report.report_of(
                    scenario, combination, place=0, is_own_design=True, series=series, reason=""
                )
                self.cells[combination.id] = series.cells[0].measurement
                self.verdicts[combination.id] = table.cells(report)[-1]
                self.remarks += [*remarks.special_tokens([report]), *remarks.warnings([report])]
        finally:
            runner.close()
