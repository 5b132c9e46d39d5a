"""Why differences are not adjusted by a covariate: the study, smaller."""

from dataclasses import replace

import adjustment_study
import numpy as np
import pytest
from adjustment_study import COVARIATES, NOISE, Outcome

from flagbench.analysis.statistics import intervals

_SIMULATIONS = 100


@pytest.fixture(autouse=True)
def fewer_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of five trials the limits are Student's, whatever the number."""
    monkeypatch.setattr(intervals, "RESAMPLES", 399)


def outcome(metric: str, covariate: str) -> Outcome:
    """The adjustment of a generator whose tokens and seconds vary widely."""
    runs = adjustment_study.runs_of(metric, covariate, "chatdev")
    return adjustment_study.simulate(runs, _SIMULATIONS, seed=7)


@pytest.mark.parametrize(("metric", "covariate"), COVARIATES)
def test_no_covariate_is_worth_it(metric: str, covariate: str) -> None:
    """What is measured in a run narrows the interval, and takes the flag's effect away."""
    found = outcome(metric, covariate)
    assert found.before >= 0.9
    assert not found.is_worth_it
    assert (found.width < 0.95) is (covariate != NOISE)
    assert (found.covered[1] < 0.7) is (covariate != NOISE)


def test_a_covariate_that_no_flag_moves_would_be_worth_it() -> None:
    """The study does not refuse whatever it is given: half of the noise, known before."""
    draw = np.random.default_rng(1)
    known, other = draw.normal(size=(2, 400))
    y = 100 + known + other
    runs = replace(
        adjustment_study.runs_of("tokens", NOISE, "chatdev"),
        y=np.stack([y, y + 30]),
        x=np.stack([known, known]),
    )
    found = adjustment_study.simulate(runs, _SIMULATIONS, seed=7)
    assert round(runs.removed, 1) == 0.5
    assert found.is_worth_it
