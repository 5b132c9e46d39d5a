"""The table of distributions says what the code does."""

from pathlib import Path

import flagbench.simulator
from flagbench.simulator import latency, repeats, settings
from flagbench.simulator.completion_text import PROSE_AFTER, PROSE_BEFORE
from flagbench.simulator.continuation import MOST_OCCURRENCES
from flagbench.simulator.crud.defects import DEFECTS, FIXED
from flagbench.simulator.crud.recognition import (
    GUESSED,
    LITERAL,
    MADE_SINGLE,
    MADE_SINGLE_ON_ORDER,
    MISSED_REQUIRED,
    MISSED_RULE,
)
from flagbench.simulator.django.defects import DEFECTS as DJANGO_DEFECTS
from flagbench.simulator.django.defects.defect import SHARE
from flagbench.simulator.django.writer import STYLES
from flagbench.simulator.settings import ProviderSettings

README = (Path(flagbench.simulator.__file__).parent / "README.md").read_text(encoding="utf-8")


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
        if defect.told:
            assert f"| `{defect.name}` | {defect.told.rate:g} | {defect.told.source} |" in README


def test_every_setting_has_its_row() -> None:
    """Each setting is documented there and in its own description, with its default."""
    for name, field in ProviderSettings.model_fields.items():
        default = field.default if name in ("rates", "by_trial") else f"{field.default:g}"
        assert f"| `{name}` | {default} |" in README
        assert field.description
    assert settings.__doc__


def test_constants_are_the_documented_ones() -> None:
    """The figures of latency, fixing and recognition stand in the tables."""
    shares = (latency.FIXED_SECONDS, latency.SECONDS_PER_TOKEN, latency.BODY_SIGMA)
    tail = (latency.TAIL_INDEX, latency.TAIL_TO, latency.ERROR_SECONDS)
    for value in (*shares, *tail, FIXED, MISSED_REQUIRED, MISSED_RULE):
        assert f"{value:g}" in README
    assert f"{100 * latency.TAIL_SHARE:g} % of calls" in README
    assert f"| {PROSE_BEFORE:g} / {PROSE_AFTER:g} of the fenced |" in README
    assert (
        f"{repeats.ANSWERS} answers to a job, by Zipf's law with exponent {repeats.EXPONENT:g}"
        in README
    )
    assert f"taken literally | {LITERAL:g} |" in README
    assert f"| {GUESSED:g}; else" in README
    assert f"| {MADE_SINGLE:g}; {MADE_SINGLE_ON_ORDER:g} where" in README


def test_every_django_defect_has_its_row() -> None:
    """Name, entity or file, each rate and the source stand in one line of the Django table."""
    text = (Path(flagbench.simulator.__file__).parent / "django" / "README.md").read_text("utf-8")
    for defect in DJANGO_DEFECTS:
        (row,) = [line for line in text.split("\n") if line.startswith(f"| `{defect.name}` ")]
        _, _, per, rates, source, _ = (cell.strip() for cell in row.split("|"))
        for kind, rate in defect.rates.items():
            assert f"{kind} {rate:g}" in rates or rates == f"each kind {rate:g}"
        assert (per, source) == (defect.per, "share" if defect.source == SHARE else defect.source)
    assert f"| an issue that the prompt names is really fixed | {FIXED:g} |" in text
    assert f"the first {MOST_OCCURRENCES} answers" in text
    for kind, styles in STYLES.items():
        (row,) = [line for line in text.split("\n") if line.startswith(f"| {kind} | ")]
        assert row.count(";") + 1 == len(styles)
