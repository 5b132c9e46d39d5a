"""Baselines: what was accepted, what it allows, what accepting changes."""

import json
from pathlib import Path

import pytest

from flagbench.errors import InputError
from flagbench.measurement.summary import Summary
from flagbench.verdict import baseline, baseline_changes
from flagbench.verdict.baseline import Baseline, Expected


def summary(combination: str = "none", **metrics: float) -> Summary:
    """A measured series."""
    return Summary("tiny", combination, 2, 3, metrics)


def accepted(*summaries: Summary, old: Baseline | None = None) -> Baseline:
    """A baseline with these series, and no others declared."""
    declared = [one.combination for one in summaries]
    return baseline.accept(old, summaries, provider="simulated", declared=declared)


def tolerances(key: str, value: str, scenario: str = "tiny") -> str:
    """A baseline whose only metric has this value of a key."""
    fields = {"value": "100", "relative": "0.01", key: value}
    metric = ", ".join(f'"{name}": {text}' for name, text in fields.items())
    return (
        f'{{"schema_version": 1, "scenario": "{scenario}", "provider": "p", "trials": 1, '
        f'"series": {{"none": {{"tokens": {{{metric}}}}}}}}}'
    )


@pytest.mark.parametrize(
    ("expected", "kept", "lost"),
    [
        (Expected(value=100, relative=0.01), (99, 100, 101), (98.9, 101.1)),
        (Expected(value=0.5, absolute=0.005), (0.495, 0.505), (0.494, 0.506)),
        (Expected(value=-2, relative=0.5), (-3, -1), (-3.1, -0.9)),
        (Expected(value=0, relative=0.5), (0,), (0.001, -0.001)),
        (Expected(value=10, relative=0.1, absolute=3), (7, 13), (6.9, 13.1)),
        (Expected(value=3), (3, 3 + 1e-10), (3.001,)),
    ],
)
def test_tolerances(expected: Expected, kept: tuple[float, ...], lost: tuple[float, ...]) -> None:
    """The wider of the two, with the bound itself inside."""
    assert [expected.holds(value) for value in kept] == [True] * len(kept)
    assert [expected.holds(value) for value in lost] == [False] * len(lost)


def test_the_first_baseline_gives_each_metric_its_default_tolerance() -> None:
    """Amounts move by a share, rates and reductions by points."""
    series = accepted(summary(tokens=100.0, approval_rate=0.9, token_reduction=0.0)).series["none"]
    assert series["tokens"] == Expected(value=100, relative=0.01)
    assert series["approval_rate"] == Expected(value=0.9, absolute=0.005)
    assert series["token_reduction"] == Expected(value=0, absolute=0.005)


def test_tolerances_that_a_person_set_stay() -> None:
    """Only the value is replaced; a metric that is gone goes."""
    old = accepted(summary(tokens=100.0, calls=3.0))
    wide = Expected(value=100, relative=0.2, absolute=1)
    old = old.model_copy(update={"series": {"none": {"tokens": wide, "calls": Expected(value=3)}}})
    new = accepted(summary(tokens=120.0), old=old).series["none"]
    assert new == {"tokens": Expected(value=120, relative=0.2, absolute=1, first=100, steps=1)}


def test_a_tolerance_that_would_let_anything_pass_is_lowered_by_accepting() -> None:
    """One in units that was set for a much greater value; what is written can be read again."""
    old = accepted(summary(tokens=1000.0))
    wide = Expected(value=1000, absolute=400)
    old = old.model_copy(update={"series": {"none": {"tokens": wide}}})
    new = accepted(summary(tokens=100.0), old=old).series["none"]["tokens"]
    assert new.as_first() == Expected(value=100, absolute=50)


@pytest.mark.parametrize(("value", "most"), [(0.0, 0.5), (0.9, 0.5), (-3.0, 1.5), (2000.0, 1000.0)])
def test_the_greatest_tolerance(value: float, most: float) -> None:
    """Half of the value, or half of a unit, in which rates are."""
    Expected(value=value, absolute=most, relative=0.5)
    with pytest.raises(ValueError, match="expected: at most"):
        Expected(value=value, absolute=most + 0.01)


def test_series_that_were_not_run_keep_their_values_and_undeclared_ones_go() -> None:
    """A part of a scenario can be accepted alone."""
    old = accepted(summary("none", tokens=1.0), summary("a", tokens=2.0), summary("b", tokens=3.0))
    new = baseline.accept(
        old, [summary("a", tokens=5.0)], provider="simulated", declared=["none", "a"]
    )
    assert {name: one["tokens"].value for name, one in new.series.items()} == {"a": 5, "none": 1}


def test_what_is_written_can_be_read_and_is_sorted(tmp_path: Path) -> None:
    """Whole, with a final newline, defaults left out; the same bytes again."""
    path = baseline.path_of(tmp_path / "baselines", "tiny")
    new = accepted(summary("none", tokens=1.5, calls=3.0), summary("a", tokens=2.0))
    baseline.save(path, new)
    assert baseline.load(path) == new
    text = path.read_text()
    assert list(json.loads(text)["series"]) == ["a", "none"]
    assert list(json.loads(text)["series"]["none"]) == ["calls", "tokens"]
    assert json.loads(text)["series"]["a"]["tokens"] == {"value": 2.0, "relative": 0.01}
    assert text.endswith("}\n")
    baseline.save(path, baseline.load(path))
    assert path.read_text() == text


def test_no_file_is_no_baseline(tmp_path: Path) -> None:
    """Which is not an error yet."""
    assert baseline.load(tmp_path / "none.json") is None


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "cannot be read: "),
        ("", "cannot be read: "),
        ("\xff".encode("latin1"), "cannot be read: "),
        ("[]", "schema version None is unknown\n    expected: version 1"),
        ('{"schema_version": 2}', "schema version 2 is unknown\n    expected: version 1"),
        ('{"schema_version": "1"}', "schema version '1' is unknown"),
        ('{"schema_version": 1}', "key 'scenario' is missing"),
        (
            '{"schema_version": 1, "scenario": "s", "provider": "p", "trials": 1, '
            '"series": {"none": {"tokens": {"value": "many", "relativ": 1}}}}',
            "series.none.tokens.value is 'many'\n    expected: a number",
        ),
        (
            tolerances("relative", '0.01, "relative": 0.5'),
            "cannot be read: duplicate key",
        ),
        (tolerances("value", "NaN"), "cannot be read: NaN is not a number of JSON"),
        (tolerances("absolute", "Infinity"), "cannot be read: Infinity is not a number of JSON"),
        (tolerances("absolute", "1e999"), "cannot be read: 1e999 is beyond the range"),
        (tolerances("relative", "5.01"), "series.none.tokens.relative is 5.01\n    expected: le"),
        (
            tolerances("relative", "-0.01"),
            "series.none.tokens.relative is -0.01\n    expected: gr",
        ),
        (tolerances("absolute", "-1"), "series.none.tokens.absolute is -1\n    expected: great"),
        (tolerances("absolute", "51"), "series.none.tokens: absolute is 51\n    expected: at most"),
        (
            tolerances("relative", "true"),
            "series.none.tokens.relative is true\n    expected: a",
        ),
        (tolerances("value", '"100"'), "series.none.tokens.value is '100'\n    expected: a number"),
        (
            tolerances("value", "100", "student"),
            "it is the baseline of student\n    expected:",
        ),
    ],
)
def test_a_file_that_is_wrong_is_told(tmp_path: Path, content: str | bytes, told: str) -> None:
    """With its name and the fix."""
    path = tmp_path / "tiny.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError) as caught:
        baseline.load(path)
    assert str(caught.value).startswith(f"{path}: {told}")
    assert "fix: restore it from version control, or flagbench run --accept" in str(caught.value)


def test_what_accepting_changes_is_told() -> None:
    """A value, a metric more, a metric less, a series more, a series less."""
    old = accepted(
        summary("none", tokens=100.0, calls=3.0), summary("a", tokens=1.0), summary("b", tokens=2.0)
    )
    new = accepted(
        summary("none", tokens=90.5, usd=0.1), summary("b", tokens=2.0), summary("c", tokens=1.0),
        old=old,
    )  # fmt: skip
    assert baseline_changes.changes(old, new) == [
        "a: no longer a series",
        "c: new",
        "none: calls 3 -> none",
        "none: tokens 100 -> 90.5",
        "none: usd none -> 0.1",
    ]
    assert baseline_changes.changes(new, new) == []
    assert baseline_changes.changes(None, new) == ["3 series accepted for the first time"]
