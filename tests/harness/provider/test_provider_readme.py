"""The table of distributions says what the code does."""

from pathlib import Path

import harness.provider
from harness.provider import latency, settings
from harness.provider.defects import DEFECTS, FIXED
from harness.provider.settings import ProviderSettings
from harness.provider.understand import MISSED_REQUIRED, MISSED_RULE

README = (Path(harness.provider.__file__).parent / "README.md").read_text(encoding="utf-8")


def test_every_defect_has_its_row() -> None:
    """Name, a rate for every kind it strikes, sensitivity and both sources stand in one line."""
    for defect in DEFECTS:
        (row,) = [line for line in README.split("\n") if line.startswith(f"| `{defect.name}` ")]
        _, _, rates, source, sensitivity, seen, _ = (cell.strip() for cell in row.split("|"))
        for kind, rate in defect.rates.items():
            assert f"{kind} {rate:g}" in rates or rates == f"each kind {rate:g}"
        assert (source, sensitivity, seen) == (
            defect.source, f"{defect.sensitivity:g}", defect.sensitivity_source
        )  # fmt: skip


def test_every_setting_has_its_row() -> None:
    """Each setting is documented there and in its own description, with its default."""
    for name, field in ProviderSettings.model_fields.items():
        assert f"| `{name}` | {field.default:g} |" in README
        assert field.description
    assert settings.__doc__


def test_constants_are_the_documented_ones() -> None:
    """The figures of latency, fixing and recognition stand in the tables."""
    shares = (latency.FIXED_SECONDS, latency.SECONDS_PER_TOKEN, latency.BODY_SIGMA)
    tail = (latency.TAIL_INDEX, latency.TAIL_TO, latency.ERROR_SECONDS)
    for value in (*shares, *tail, FIXED, MISSED_REQUIRED, MISSED_RULE):
        assert f"{value:g}" in README
    assert f"{100 * latency.TAIL_SHARE:g} % of calls" in README
