"""A study of the gates' errors on simulated recordings with a known truth.

`python tests/studies/coverage_study.py` simulates every design, prints a Markdown table of the
coverage of 95 % intervals and the shares of PASS and FAIL, and exits with 1 if a false answer is
more frequent than 2.5 % and the chance of so few simulations allow. Seeded; 75 s of one core.

Amounts are judged by `tokens > +2%`, rates by `acceptance < -3pp`.
"""

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import stats

from flagbench.analysis.comparison import gate, judging
from flagbench.analysis.comparison.amounts import compare_amount
from flagbench.analysis.comparison.comparison import Comparison
from flagbench.analysis.comparison.gate import Answer
from flagbench.analysis.comparison.pairing import Pair, Paired
from flagbench.analysis.comparison.rates import compare_rate
from flagbench.analysis.statistics import intervals
from flagbench.analysis.statistics.intervals import About
from flagbench.measurement.cell_result import CellResult, Rate, RefutedArtifact

NOMINAL = 0.025
_CHANCE = 0.001
_TOKENS = 10_000.0
_GATES = {"tokens": gate.parse("tokens > +2%"), "acceptance": gate.parse("acceptance < -3pp")}
_FILES = 24
# Enough for the limits, which need a resample at 2.5 % of them, and five times as fast.
_RESAMPLES = 1_999
_SIMULATIONS = {"tokens": 600, "acceptance": 2_000}

Values = npt.NDArray[np.float64]
# Draws one data set: of every scenario the amounts (trials, 2), or which files fail
# (trials, files, 2).
Draw = Callable[[np.random.Generator], Sequence[Values]]


@dataclass(frozen=True, slots=True)
class Design:
    """A kind of data, how it is drawn, and its truth: the share of A, or the points, that B adds.

    A design with `is_known_limit` has more false
    answers than nominal, which no interval of so few recordings can help.
    """

    name: str
    metric: str
    about: About
    truth: float
    draw: Draw
    is_known_limit: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """Shares of the simulations of a design; `covered` is that of those with an interval."""

    design: Design
    simulations: int
    covered: float
    passed: float
    failed: float

    @property
    def false(self) -> float:
        """The share of answers that the truth contradicts; at the bound, of the more frequent."""
        bound = _GATES[self.design.metric].bound
        if math.isclose(self.design.truth, bound):
            return max(self.passed, self.failed)
        is_beyond = gate.fails(_GATES[self.design.metric], self.design.truth)
        return self.passed if is_beyond else self.failed

    @property
    def is_within(self) -> bool:
        """True unless so many false answers have a chance below 1 in 1,000 where 2.5 % are."""
        count = round(self.false * self.simulations)
        return float(stats.binom.sf(count - 1, self.simulations, NOMINAL)) >= _CHANCE


def simulate(design: Design, simulations: int, seed: int) -> Outcome:
    """Judge so many data sets of a design."""
    draw = np.random.default_rng(seed)
    condition = _GATES[design.metric]
    limits = covered = 0
    answers = dict.fromkeys(Answer, 0)
    for _ in range(simulations):
        paired = _paired(design.draw(draw), design.metric)
        compute = compare_rate if design.metric == "acceptance" else compare_amount
        result = compute(paired, design.metric, design.about)
        scenarios = len(paired.by_scenario())
        comparison = Comparison(design.about, scenarios, 0, 0, (result,), (), paired)
        (judgement,) = judging.judge(comparison, [condition])
        answers[judgement.answer] += 1
        change, shift = (
            (result.difference, 0.0) if design.metric == "acceptance" else (result.ratio, 1.0)
        )
        if change.low is not None and change.high is not None:
            limits += 1
            covered += change.low - 1e-12 <= design.truth + shift <= change.high + 1e-12
    return Outcome(
        design,
        simulations,
        covered / limits if limits else math.nan,
        answers[Answer.PASS] / simulations,
        answers[Answer.FAIL] / simulations,
    )


def _cell(combination: str) -> CellResult:
    return CellResult(
        scenario="", combination=combination, trial=1, provider="simulated", model="m",
        tokenizer="t", cassette="c", flags={}, requests=1, calls=1, failed_calls={},
        cut_off_calls=0, prompt_tokens=0, completion_tokens=0, tokens=0, cached_prompt_tokens=None,
        reasoning_tokens=None, tokens_source={}, usage_difference={}, usage_compared={},
        seconds=1.0, usd=None, price_since=None, by_agent={}, by_phase={}, by_request={}, rates={},
        artifacts=(), refuted=(), events={}, warnings=(), calls_digest=combination,
    )  # fmt: skip


_SIDES = (_cell("none"), _cell("all"))
_REFUTED = [
    RefutedArtifact(1, f"{place}.py", f"{place}.py", approved=True, check="", message="", sha256="")
    for place in range(_FILES)
]


def _paired(groups: Sequence[Values], metric: str) -> Paired:
    pairs = []
    for place, group in enumerate(groups):
        for trial, values in enumerate(group, start=1):
            changes: list[dict[str, object]]
            if metric == "tokens":
                changes = [{"tokens": float(value)} for value in values]
            else:
                changes = [
                    {
                        "rates": {"acceptance_rate": Rate(len(files), len(files))},
                        "refuted": [_REFUTED[int(file)] for file in np.flatnonzero(files)],
                    }
                    for files in values.T
                ]
            cells = [
                replace(side, scenario=f"s{place}", trial=trial, **change)  # type: ignore[arg-type]
                for side, change in zip(_SIDES, changes, strict=True)
            ]
            pairs.append(Pair(cells[0], cells[1]))
    # Requests are declared to differ, so that effect sizes need no usage by request.
    return Paired(tuple(pairs), (), ("requests",))


def rare(
    trials: int, share: float, *, scenarios: int = 1, more: float = 0.5, noise: float = 0.0
) -> Draw:
    """B costs `more` in a `share` of the trials, or with several scenarios in a share of those."""

    def draw(random: np.random.Generator) -> list[Values]:
        groups = []
        for _ in range(scenarios):
            a, b = _TOKENS * np.exp(random.normal(0, noise, (2, trials)))
            size = trials if scenarios == 1 else 1
            groups.append(np.column_stack([a, b * (1 + more * (random.random(size) < share))]))
        return groups

    return draw


def noisy(trials: Sequence[int], deviation: float, truth: float, retried: float = 0.0) -> Draw:
    """Independent log-normal amounts, of which a share is retried and costs 60 % more."""

    def draw(random: np.random.Generator) -> list[Values]:
        groups = []
        for count in trials:
            values = _TOKENS * np.exp(random.normal(0, deviation, (count, 2)))
            values *= 1 + 0.6 * (random.random((count, 2)) < retried)
            groups.append(values * np.array([1.0, 1 + truth]))
        return groups

    return draw


def zeros(trials: int, share: float) -> Draw:
    """Each side is 0 in a share of the trials, such as by a cache; nothing differs."""

    def draw(random: np.random.Generator) -> list[Values]:
        values = _TOKENS * np.exp(random.normal(0, 0.1, (trials, 2)))
        return [values * (random.random((trials, 2)) >= share)]

    return draw


def lost(
    trials: Sequence[int], share: float, *, by: str, loss: float = 0.5, noise: float = 0.0
) -> Draw:
    """B loses a part of the files in a share of the scenarios or trials, together.

    `noise` is the share of files that change on either side for no reason.
    """

    def draw(random: np.random.Generator) -> list[Values]:
        groups = []
        for count in trials:
            is_lost = random.random(1 if by == "scenario" else count) < share
            failed = random.random((count, _FILES, 2)) < noise
            failed[..., 1] |= np.broadcast_to(is_lost, count)[:, None] & (
                np.arange(_FILES) < loss * _FILES
            )
            groups.append(failed.astype(float))
        return groups

    return draw


def independent(trials: Sequence[int], a: float, b: float) -> Draw:
    """Files fail independently with these rates."""

    def draw(random: np.random.Generator) -> list[Values]:
        return [
            (random.random((count, _FILES, 2)) < np.array([a, b])).astype(float) for count in trials
        ]

    return draw


def correlated(trials: Sequence[int], drop: float) -> Draw:
    """Each trial fails a share of its files that varies widely on both sides; B fails more."""

    def draw(random: np.random.Generator) -> list[Values]:
        groups = []
        for count in trials:
            chances = random.beta(0.5, 4.5, (count, 1, 2)) + np.array([0.0, drop])
            groups.append((random.random((count, _FILES, 2)) < chances).astype(float))
        return groups

    return draw


def _amounts() -> Iterator[Design]:
    trials, scenarios = About.TRIALS, About.SCENARIOS
    for count in (2, 3, 5):
        for share in (0.05, 0.2):
            yield Design(f"rare +50 % in {100 * share:.0f} % of trials, 1 x {count}", "tokens",
                         trials, share / 2, rare(count, share))  # fmt: skip
    for share in (0.05, 0.2):
        yield Design(f"rare +50 % in {100 * share:.0f} % of trials over noise of 10 %, 1 x 5",
                     "tokens", trials, share / 2, rare(5, share, noise=0.1))  # fmt: skip
    for count in (2, 3, 5, 8):
        yield Design(f"rare +50 % in 20 % of scenarios, {count} x 3", "tokens", scenarios,
                     math.exp(0.2 * math.log(1.5)) - 1,
                     rare(3, 0.2, scenarios=count))  # fmt: skip
    for name, sizes, deviation in (
        ("1 x 2", (2,), 0.1), ("1 x 3", (3,), 0.1), ("1 x 5", (5,), 0.06), ("1 x 12", (12,), 0.06),
        ("2 x 5", (5, 5), 0.1), ("5, 3, 3 and 2 trials", (5, 3, 3, 2), 0.1),
    ):  # fmt: skip
        yield Design(f"noise of {100 * deviation:.0f} %, {name}", "tokens", trials, 0.02,
                     noisy(sizes, deviation, 0.02))  # fmt: skip
    for name, sizes in (("3 x 3", (3,) * 3), ("5, 3, 3, 2 and 1 trials", (5, 3, 3, 2, 1))):
        yield Design(f"noise of 10 %, {name}", "tokens", scenarios, 0.02,
                     noisy(sizes, 0.1, 0.02))  # fmt: skip
    yield Design("noise of 10 %, 8 x 3", "tokens", scenarios, 0.02, noisy((3,) * 8, 0.1, 0.02))
    yield Design("noise of 10 %, 5 and 1 trials", "tokens", trials, 0.02,
                 noisy((5, 1), 0.1, 0.02))  # fmt: skip
    for count in (3, 5):
        yield Design(f"skewed (60 %), 1 x {count}", "tokens", trials, 0.02,
                     noisy((count,), 0.6, 0.02))  # fmt: skip
    yield Design("noise of 8 %, 20 % retried at +60 %, 1 x 5", "tokens", trials, 0.02,
                 noisy((5,), 0.08, 0.02, 0.2))  # fmt: skip
    for count, share in ((2, 0.5), (3, 0.5), (5, 0.5), (5, 0.1)):
        yield Design(f"{100 * share:.0f} % zeros on both sides, 1 x {count}", "tokens", trials, 0.0,
                     zeros(count, share))  # fmt: skip
    yield Design("rare +100 % in 5 % of trials over noise of 0.5 %, 1 x 5", "tokens", trials, 0.05,
                 rare(5, 0.05, more=1.0, noise=0.005), is_known_limit=True)  # fmt: skip


def _rates() -> Iterator[Design]:
    trials, scenarios = About.TRIALS, About.SCENARIOS
    for count in (2, 3, 5, 8):
        for noise in (0.0, 0.02):
            over = ", files flip" if noise else ""
            yield Design(f"half lost in 10 % of scenarios{over}, {count} x 3", "acceptance",
                         scenarios, -0.05 * (1 - noise),
                         lost((3,) * count, 0.1, by="scenario", noise=noise))  # fmt: skip
    for name, sizes in (("1 x 3", (3,)), ("1 x 5", (5,)), ("2 x 5", (5, 5)), ("8 x 3", (3,) * 8)):
        yield Design(f"half lost in 10 % of trials, {name}", "acceptance", trials, -0.05,
                     lost(sizes, 0.1, by="trial"))  # fmt: skip
    for name, sizes in (("1 x 5", (5,)), ("8 x 3", (3,) * 8)):
        yield Design(f"independent files, {name}", "acceptance", trials, -0.03,
                     independent(sizes, 0.05, 0.08))  # fmt: skip
        yield Design(f"independent files, {name}", "acceptance", trials, -0.2,
                     independent(sizes, 0.05, 0.25))  # fmt: skip
    for name, sizes, scope in (("1 x 5", (5,), trials), ("3 x 3", (3,) * 3, scenarios),
                               ("8 x 3", (3,) * 8, scenarios)):  # fmt: skip
        yield Design(f"files fail together, {name}", "acceptance", scope, -0.03,
                     correlated(sizes, 0.03))  # fmt: skip
    yield Design("files fail together, 5 and 1 trials", "acceptance", trials, -0.15,
                 correlated((5, 1), 0.15))  # fmt: skip
    yield Design("files fail together, 5, 3 and 1 trials", "acceptance", scenarios, -0.15,
                 correlated((5, 3, 1), 0.15))  # fmt: skip


DESIGNS = (*_amounts(), *_rates())


def table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Lines of a Markdown table."""
    yield "| recordings | about | truth | coverage | PASS | FAIL | false |"
    yield "|---|---|---:|---:|---:|---:|---:|"
    for outcome in outcomes:
        design = outcome.design
        unit = "pp" if design.metric == "acceptance" else "%"
        covered = "no limits" if math.isnan(outcome.covered) else f"{outcome.covered:.3f}"
        mark = (
            "" if outcome.is_within else " (limit)" if design.is_known_limit else " (above nominal)"
        )
        yield (
            f"| {design.name} | {design.about} | {100 * design.truth:+.1f} {unit} | {covered} "
            f"| {outcome.passed:.1%} | {outcome.failed:.1%} | {outcome.false:.1%}{mark} |"
        )


def main() -> int:
    """Print the table of the whole study; 1 if a design has too many false answers."""
    intervals.RESAMPLES = _RESAMPLES
    outcomes = [
        simulate(design, _SIMULATIONS[design.metric], seed)
        for seed, design in enumerate(DESIGNS, start=1)
    ]
    for line in table(outcomes):
        print(line)  # noqa: T201  a script's output
    return int(any(not one.is_within and not one.design.is_known_limit for one in outcomes))


if __name__ == "__main__":
    sys.exit(main())
