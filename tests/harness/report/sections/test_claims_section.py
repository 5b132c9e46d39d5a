"""The ledger of a run: counts, the short table, the section, and a file that is wrong."""

from pathlib import Path

import pytest
from whole_run import run

from flagbench.measurement.cell_result import CellResult
from flagbench.report.content import Claims
from flagbench.report.sections import claims as ledger

LEDGER = """\
sources:
  d: {title: A document, about: a generator}
claims:
  - {id: a, flag: templates, source: d, section: S, quote: q, low: 0.5, high: 0.7,
     measure: {kind: reduction, metric: tokens, from: none, to: templates}, scenarios: [one]}
  - {id: b, flag: cache, source: d, section: S, quote: q, low: 0.5,
     measure: {kind: reduction, metric: tokens, from: none, to: cache}, scenarios: [one, two]}
  - {id: c, flag: deep, source: d, section: S, quote: q, low: 0.5,
     measure: {kind: reduction, metric: tokens, from: none, to: deep}, scenarios: [one]}
  - {id: d, flag: batch, source: d, section: S, quote: half the time, why_not: no people here}
"""


@pytest.fixture
def measured() -> tuple[CellResult, ...]:
    """The cells of the made-up run."""
    return tuple(cell for one in run().series for cell in one.cells)


def told(text: str, measured: tuple[CellResult, ...], tmp_path: Path) -> Claims | None:
    """What is told of a ledger."""
    path = tmp_path / "claims.yaml"
    path.write_text(text)
    return ledger.claims(measured, [path])


def test_every_claim_is_counted_once(measured: tuple[CellResult, ...], tmp_path: Path) -> None:
    """What this run did not have is not the same as what can never be measured here."""
    claims = told(LEDGER, measured, tmp_path)
    assert claims is not None
    assert claims.counts == (
        "claims: 1 confirmed, 1 refuted, 0 undecided, 0 exceeded, 1 not measurable here, "
        "2 not in this run"
    )
    assert claims.part is not None
    assert claims.part.paragraphs[-1] == "Not in this run: the claims of two."


def test_what_was_refuted_comes_first_in_the_short_table(
    measured: tuple[CellResult, ...], tmp_path: Path
) -> None:
    """By how much it is off is told."""
    claims = told(LEDGER, measured, tmp_path)
    assert claims is not None
    assert [row[0] for row in claims.rows] == ["cache", "templates", "deep"]
    assert claims.rows[0][-1] == "refuted: 40.0 pp below"


def test_the_section_has_the_order_of_the_ledger_and_its_sources(
    measured: tuple[CellResult, ...], tmp_path: Path
) -> None:
    """With a mark for what was confirmed and refuted; what no scenario measures stands apart."""
    claims = told(LEDGER, measured, tmp_path)
    assert claims is not None
    assert claims.part is not None
    first, second = claims.part.grids
    assert [row[0] for row in first.rows] == ["templates", "cache", "deep"]
    assert first.marks == ["good", "bad", ""]
    assert first.rows[0][-1] == "A document: S"
    assert second.rows == [("batch", "“half the time”", "no people here", "A document: S")]


def test_a_wrong_ledger_is_told_and_stops_nothing(
    measured: tuple[CellResult, ...], tmp_path: Path
) -> None:
    """The run was measured all the same."""
    claims = told(LEDGER.replace("low: 0.5", "low: often"), measured, tmp_path)
    assert claims is not None
    assert claims.counts == "claims: 3 problems in claims.yaml"
    assert claims.part is not None
    assert "claims.yaml:4: claims.0.low is 'often'" in claims.part.paragraphs[0]


def test_without_a_ledger_there_is_nothing_to_tell(
    measured: tuple[CellResult, ...], tmp_path: Path
) -> None:
    """A user's own scenarios make no claims."""
    assert ledger.claims(measured, [tmp_path / "claims.yaml"]) is None
