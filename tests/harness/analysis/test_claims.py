"""The ledger: claims are read, measured and told."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from made_cells import PATHS, cell

from flagbench.analysis.claims import assessment, table
from flagbench.analysis.claims import claim as claims
from flagbench.analysis.claims.assessment import AssessedClaim, ClaimOutcome
from flagbench.errors import InputError
from flagbench.measurement.cell_result import CellResult
from flagbench.scenario.loading import load as load_scenario

ROOT = Path(__file__).parents[3]


def write(folder: Path, *entries: dict[str, Any]) -> Path:
    """A file of these claims; what they do not say is filled in."""
    usual = {"flag": "templates", "source": "paper", "section": "1", "quote": "some"}
    document = {
        "sources": {"paper": {"title": "Paper", "about": "x"}},
        "claims": [{"id": str(place), **usual, **one} for place, one in enumerate(entries)],
    }
    path = folder / "claims.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


def reduction(low: float | None, high: float | None, **more: Any) -> dict[str, Any]:
    """A claim about the tokens that templates save."""
    measure = {"kind": "reduction", "metric": "tokens", "from": "none", "to": "templates", **more}
    bounds = {name: value for name, value in (("low", low), ("high", high)) if value is not None}
    return {"measure": measure, "scenarios": ["one"], **bounds}


CELLS = [
    cell(name, trial=trial, tokens=tokens)
    for trial, before, after in (
        (1, (1000, 500), (480, 500)),
        (2, (1100, 500), (560, 500)),
        (3, (900, 500), (460, 500)),
    )
    for name, tokens in (("none", before), ("templates", after))
]
SAVED = 1 - (480 + 560 + 460 + 1500) / (3000 + 1500)


def assessed(path: Path, cells: list[CellResult] | None = None) -> AssessedClaim:
    """The only entry."""
    (found,) = assessment.assess(CELLS if cells is None else cells, path=path)
    return found


@pytest.mark.parametrize(
    ("low", "high", "finding", "off"),
    [
        (0.20, 0.45, ClaimOutcome.CONFIRMED, 0.0),
        (0.20, None, ClaimOutcome.CONFIRMED, 0.0),
        (None, 0.40, ClaimOutcome.CONFIRMED, 0.0),
        (0.40, 0.60, ClaimOutcome.REFUTED, SAVED - 0.40),
        (0.40, None, ClaimOutcome.REFUTED, SAVED - 0.40),
        (0.10, 0.20, ClaimOutcome.EXCEEDED, SAVED - 0.20),
        (None, 0.20, ClaimOutcome.REFUTED, SAVED - 0.20),
        (0.335, 0.60, ClaimOutcome.UNDECIDED, SAVED - 0.335),
        (1 / 3, 0.60, ClaimOutcome.UNDECIDED, 0.0),
        (1 / 3, None, ClaimOutcome.UNDECIDED, 0.0),
        (1 / 3, 1 / 3, ClaimOutcome.UNDECIDED, 0.0),
    ],
)
def test_a_reduction_is_held_against_its_bounds(
    tmp_path: Path, low: float | None, high: float | None, finding: ClaimOutcome, off: float
) -> None:
    """By its interval: wholly within, below or above the bounds; a mean within is not enough."""
    found = assessed(write(tmp_path, reduction(low, high)))
    assert found.value == pytest.approx(SAVED)
    assert found.finding is finding
    assert found.off == pytest.approx(off)
    assert found.low is not None and found.high is not None
    assert found.low < SAVED < found.high


def test_only_the_requests_that_changed(tmp_path: Path) -> None:
    """The second request is the same on both sides and does not count."""
    found = assessed(write(tmp_path, reduction(0.4, 0.6, requests="changed")))
    assert found.value == pytest.approx(1 - 1500 / 3000)


def test_an_amount_and_a_rate(tmp_path: Path) -> None:
    """Per request, and pooled over the trials with exact limits."""
    path = write(
        tmp_path,
        {"measure": {"kind": "amount", "metric": "tokens", "of": "none"}, "low": 800,
         "scenarios": ["one"]},
        {"measure": {"kind": "rate", "metric": "acceptance_rate", "of": "none"}, "low": 0.8,
         "scenarios": ["one"]},
    )  # fmt: skip
    cells = [cell(trial=t, tokens=(100 * t,), refuted=PATHS[:1]) for t in (1, 2, 3)]
    amount, rate = assessment.assess(cells, path=path)
    assert (amount.value, amount.off) == (200.0, -600.0)
    assert rate.value == 0.75
    assert rate.low is not None and rate.high is not None
    assert rate.low < 0.75 < rate.high
    assert table.finding(rate) == "undecided: 5.0 pp below"
    assert table.finding(amount) == "refuted: 600 tokens below"


def test_what_the_results_lack_is_not_measurable(tmp_path: Path) -> None:
    """No such series, no such scenario, nothing counted, nothing changed."""
    path = write(
        tmp_path,
        reduction(0.1, 0.2, to="all"),
        {**reduction(0.1, 0.2), "scenarios": ["two"]},
        {"measure": {"kind": "rate", "metric": "cache_hit_rate", "of": "none"}, "low": 0.3,
         "scenarios": ["one"]},
        reduction(0.1, 0.2, to="none", requests="changed"),
        {"why_not": "there is no such generator"},
    )  # fmt: skip
    found = assessment.assess(CELLS, path=path)
    assert {one.finding for one in found} == {ClaimOutcome.NOT_MEASURABLE}
    assert [one.reason for one in found] == [
        "the results have no series all",
        "the results have no series none",
        "the series none counted nothing for cache_hit_rate",
        "no request changed",
        "there is no such generator",
    ]


def test_one_scenario_is_assessed_alone(tmp_path: Path) -> None:
    """The claims that name it, in it alone; a claim about another one is not its own."""
    path = write(
        tmp_path,
        {**reduction(0.2, 0.4), "scenarios": ["two", "one"]},
        {**reduction(0.6, 0.7), "scenarios": ["two"]},
        {"why_not": "not here"},
    )
    (found,) = assessment.assess(CELLS, scenario="one", path=path)
    assert (found.scenario, found.claim.id) == ("one", "0")
    assert found.finding is ClaimOutcome.CONFIRMED
    assert len(assessment.assess(CELLS, path=path)) == 4


def test_one_trial_has_no_interval(tmp_path: Path) -> None:
    """And says so."""
    found = assessed(write(tmp_path, reduction(0.3, 0.4)), CELLS[:2])
    assert (found.low, found.high, found.trials) == (None, None, 1)
    assert table.measurement(found).endswith("(one recording)")
    assert table.finding(found) == "undecided: one recording"


@pytest.mark.parametrize(
    ("tokens", "digest", "finding"),
    [(600, "other", "undecided: the same in every recording"), (1000, "", "undecided"),
     (1000, "same", "refuted: 30.0 pp below")],
)  # fmt: skip
def test_what_never_varies_decides_only_by_the_same_calls(
    tmp_path: Path, tokens: int, digest: str, finding: str
) -> None:
    """Three recordings that agree do not show what a fourth would do."""
    cells = [
        cell(name, trial=trial, tokens=(amount,), calls_digest=calls)
        for trial in (1, 2, 3)
        for name, amount, calls in (("none", 1000, "same"), ("templates", tokens, digest))
    ]
    assert table.finding(assessed(write(tmp_path, reduction(0.3, 0.5)), cells)).startswith(finding)


def test_without_a_file_there_is_no_ledger(tmp_path: Path) -> None:
    """Somebody else's project has none."""
    assert assessment.assess(CELLS, path=tmp_path / "claims.yaml") == ()


@pytest.mark.parametrize(
    ("entry", "words_"),
    [
        ({}, "either a measure or a why_not"),
        ({**reduction(0.1, 0.2), "why_not": "x"}, "either a measure or a why_not"),
        (reduction(None, None), "low, high or both"),
        (reduction(0.3, 0.2), "low is above high"),
        # It would be refuted by 3,943 percentage points.
        (reduction(40, None), "a reduction is a fraction of 1\n    expected: low at most 1"),
        (reduction(40, 60), "expected: low and high at most 1"),
        (
            {**reduction(0, 90), "measure": {"kind": "rate", "metric": "x_rate", "of": "all"}},
            "a rate is a fraction of 1\n    expected: high at most 1",
        ),
        ({**reduction(0.1, 0.2), "scenarios": []}, "names its scenarios"),
        (reduction(0.1, 0.2, metric="seconds", requests="changed"), "only tokens"),
        ({**reduction(0.1, 0.2), "source": "hearsay"}, "unknown source 'hearsay'"),
        ({**reduction(0.1, 0.2), "wording": "x"}, "unknown key 'wording'"),
    ],
)
def test_a_wrong_claim_is_told_with_its_line(
    tmp_path: Path, entry: dict[str, Any], words_: str
) -> None:
    """Where it stands in the file."""
    path = write(tmp_path, {"why_not": "fine"}, entry)
    with pytest.raises(InputError, match=words_) as caught:
        claims.load(path)
    assert str(path) in caught.value.problems[0].where
    assert not caught.value.problems[0].where.endswith(":1")


def test_a_duplicate_claim_is_reported(tmp_path: Path) -> None:
    """Ids are what other things refer to."""
    path = write(tmp_path, {"why_not": "x", "id": "same"}, {"why_not": "y", "id": "same"})
    with pytest.raises(InputError, match="duplicate claim 'same'"):
        claims.load(path)


def test_the_table_has_a_text_for_every_column(tmp_path: Path) -> None:
    """Claimed, measured, and by how much it is missed."""
    path = write(tmp_path, reduction(0.40, 0.60), {"why_not": "not here"})
    first, second = table.rows(assessment.assess(CELLS, path=path))
    assert len(first) == len(second) == len(table.COLUMNS)
    assert first[:4] == ("templates", "40.0 to 60.0 %", "tokens saved", "one")
    assert first[4].startswith("33.3 % [")
    assert first[5].startswith("refuted: 6.7 pp below")
    assert first[6] == "Paper: 1"
    assert (second[3], second[4], second[5]) == (
        "nowhere", "n/a", "not measurable here: not here",
    )  # fmt: skip


def test_the_products_own_ledger_is_whole() -> None:
    """Every flag has a claim that is measured, in scenarios and combinations that are run."""
    _, found = claims.load(ROOT / claims.PATH)
    measured = [one for one in found if one.measure is not None]
    flags = {"templates", "confidence", "cache", "compressed", "parallel", "retry"}
    assert flags <= {one.flag for one in measured}
    for one in measured:
        for name in one.scenarios:
            scenario = load_scenario(ROOT / "scenarios" / f"{name}.yaml")
            ids = {combination.id for combination in scenario.combinations}
            measure = one.measure
            wanted = (
                (measure.before, measure.after)
                if isinstance(measure, claims.Reduction)
                else (measure.of,)
                if measure is not None
                else ()
            )
            assert set(wanted) <= ids, f"{one.id} in {name}"
