"""`series.jsonl` gives back the series of a scenario, or says what is wrong."""

from dataclasses import replace
from pathlib import Path

import pytest
from whole_run import run

from flagbench.errors import InputError
from flagbench.report.data import series_file


def test_series_are_read_as_they_were_written(tmp_path: Path) -> None:
    """Without cells; a timeline is kept of the two that are drawn."""
    report = run()
    (tmp_path / series_file.FILE).write_text("".join(series_file.lines(report)))
    for name, members in report.by_scenario().items():
        read = series_file.load(tmp_path, name)
        assert [series.metrics for series in read] == [series.metrics for series in members]
        assert sum(bool(series.timeline) for series in read) <= 2
        assert not any(series.cells for series in read)
    assert series_file.load(tmp_path, "nobody") == []


def test_lines_do_not_differ_with_the_machine() -> None:
    """Seconds of a processor are not in them."""
    report = run()
    slow = replace(report, series=tuple(replace(each, cpu_seconds=9.0) for each in report.series))
    assert list(series_file.lines(report)) == list(series_file.lines(slow))


@pytest.mark.parametrize("damage", [("title", "titel"), ("}", ""), (", ", ",  ")])
def test_damage_is_reported(tmp_path: Path, damage: tuple[str, str]) -> None:
    """Of a value, of the end of a line, of a blank; and a missing file."""
    report = run()
    path = tmp_path / series_file.FILE
    with pytest.raises(InputError, match=r"no series\.jsonl"):
        series_file.load(tmp_path, report.series[0].scenario)
    head, middle, tail = "".join(series_file.lines(report)).partition('"title"')
    path.write_text(head + (middle + tail).replace(*damage))
    with pytest.raises(InputError, match="not as it was written"):
        series_file.load(tmp_path, report.series[0].scenario)
