"""`flagbench record --until-decided`: trials are recorded until every gate has an answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from rich.console import Console

from flagbench.analysis.comparison import gate, sequential, sources
from flagbench.analysis.comparison.gate import RATES, Answer, Condition, Unit
from flagbench.analysis.comparison.sequential import Look
from flagbench.errors import ExitCode, InputError, Problem, problem_in
from flagbench.measurement import results as stored
from flagbench.run.options import Options
from flagbench.scenario import designs
from flagbench.scenario.designs import Combination
from flagbench.scenario.loading import Scenario
from flagbench.series.cell_runner import CellRunner
from flagbench.simulator.settings import SIMULATED

RecordTrial = Callable[[Scenario, int], object]
"""Function that records what a trial of a scenario lacks."""
_CODES = {
    Answer.PASS: ExitCode.KEPT, Answer.FAIL: ExitCode.BROKEN,
    Answer.INCONCLUSIVE: ExitCode.COULD_NOT_RUN,
}  # fmt: skip


def conditions_of(texts: Sequence[str]) -> list[Condition]:
    """Parse the gates. Raises `InputError`, also for a rate and without any gate."""
    if not texts:
        expected = "--fail-if CONDITION, such as 'tokens > +2%'"
        raise InputError(Problem("--until-decided without a gate", expected=expected))
    try:
        conditions = [gate.parse(text) for text in texts]
    except ValueError as error:
        raise InputError(problem_in(str(error), "--fail-if")) from error
    for condition in conditions:
        if condition.metric in RATES:
            what, expected = f"{condition.metric} is a rate", "an amount, such as tokens"
            raise InputError(Problem(what, "--fail-if", expected))
    return conditions


def until_decided(
    scenario: Scenario,
    conditions: Sequence[Condition],
    against: str,
    record: RecordTrial,
    options: Options,
    console: Console,
) -> ExitCode:
    """Record trials in their order until the gates are decided or no trial is left.

    B is the one combination of the scenario that was chosen; A is `against`: another combination of
    the same recordings, or stored results, paired by trial.
    """
    if len(scenario.combinations) != 1:
        what = f"{len(scenario.combinations)} combinations"
        raise InputError(Problem(what, "--until-decided", "--combination FLAGS, once, as B"))
    # Amounts need no proof of the files.
    scenario = replace(scenario, acceptance=())
    runner, (b,) = CellRunner(options), scenario.combinations
    control = _combination(against, scenario)
    before = {} if control else _stored(against, scenario)
    if before and scenario.provider != SIMULATED:
        console.print(
            f"{against} was recorded before: what has changed at {scenario.provider} since is "
            "part of the difference"
        )
    pairs: dict[str, list[tuple[float, float]]] = {each.text: [] for each in conditions}
    looks: dict[str, Look] = {}
    for trial in range(1, scenario.trials + 1):
        if not control and trial not in before:
            console.print(f"{against} has no trial {trial}")
            break
        record(scenario, trial)
        for condition in conditions:
            a = (
                _amount(runner, scenario, control, trial, condition.metric)
                if control
                else before[trial][condition.metric]
            )
            pairs[condition.text].append((a, _amount(runner, scenario, b, trial, condition.metric)))
        for condition in conditions:
            if looks.get(condition.text) and looks[condition.text].answer != Answer.INCONCLUSIVE:
                continue  # what was decided stays so
            look = _look(condition, pairs[condition.text], len(conditions))
            looks[condition.text] = look
            console.print(_line(condition, look))
        answers = [look.answer for look in looks.values()]
        if Answer.FAIL in answers or Answer.INCONCLUSIVE not in answers:
            break
    runner.prover.close()
    answers = [look.answer for look in looks.values()] or [Answer.INCONCLUSIVE]
    worst = next(
        answer for answer in (Answer.FAIL, Answer.INCONCLUSIVE, Answer.PASS) if answer in answers
    )
    console.print(
        f"{worst} after {max((each.trials for each in looks.values()), default=0)} trials"
    )
    return _CODES[worst]


def _look(condition: Condition, pairs: Sequence[tuple[float, float]], gates: int) -> Look:
    try:
        return sequential.look(condition, pairs, gates)
    except ValueError as error:
        raise InputError(problem_in(str(error), f"--fail-if '{condition.text}'")) from error


def _combination(text: str, scenario: Scenario) -> Combination | None:
    try:
        return designs.parse(text, scenario.factors)
    except ValueError:
        return None


def _stored(against: str, scenario: Scenario) -> Mapping[int, Mapping[str, float]]:
    """Trial -> the amounts of the stored cells of A."""
    side = sources.find(against, results=stored.LATEST, combination=None, scenarios=[scenario.name])
    return {
        cell.trial: {
            metric: value
            for metric in (*gate.AMOUNTS, *cell.metrics)
            if (value := cell.per_request(metric)) is not None
        }
        for cell in side.cells
    }


def _amount(
    runner: CellRunner, scenario: Scenario, combination: Combination, trial: int, metric: str
) -> float:
    value = runner.cell(scenario, combination, trial).measurement.per_request(metric)
    if value is None:
        what = f"{metric} is not known of {scenario.name}::{combination.id}, trial {trial}"
        raise InputError(Problem(what, where="--fail-if"))
    return value


def _line(condition: Condition, look: Look) -> str:
    limits = "no limits yet"
    if look.is_constant:
        limits = "the same in every trial, which limits nothing:"
    if look.low is not None and look.high is not None:
        limits = f"[{_number(condition, look.low)}, {_number(condition, look.high)}]"
    return (
        f"trial {look.trials}: {condition.text}: {_number(condition, look.measured)} {limits} "
        f"{look.answer}"
    )


def _number(condition: Condition, value: float) -> str:
    return f"{value:+z.1%}" if condition.unit is Unit.PERCENT else f"{value:+z,.4g}"
