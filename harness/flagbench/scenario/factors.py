"""Factors of a scenario, the subject's or its own, and the command that takes them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from flagbench import subject, subject_loading
from flagbench.errors import InputError, Place
from flagbench.printable import printable_line
from flagbench.scenario import command, designs, request_file
from flagbench.scenario.command import Command, CommandPart
from flagbench.scenario.schema import FactorPart, ScenarioFile
from flagbench.scenario.services import TAKEN_VARIABLES, variables_of
from flagbench.subject import Factor
from flagbench.yaml_lines import Problems


def factors_of(file: ScenarioFile, problems: Problems) -> tuple[Factor, ...]:
    """The scenario's own factors, or those of the subject that it selects (all by default).

    Raises `InputError` immediately if the subject cannot be loaded, since all of its flags would be
    reported as unknown.
    """
    if isinstance(file.factors, dict):
        factors = _own_factors(file.factors, problems)
    else:
        factors = _of_subject(file, problems)
    _check_levels(factors, file, problems)
    _check_variables(factors, file, problems)
    return factors


def _of_subject(file: ScenarioFile, problems: Problems) -> tuple[Factor, ...]:
    if isinstance(file.subject, CommandPart):
        if file.factors is not None:
            expected = "factors as a mapping: name -> levels"
            problems.add(("factors",), "a command declares no flags", expected)
        return ()
    try:
        offered = subject.factors_of(subject_loading.load(file.subject))
    except InputError as error:
        for problem in error.problems:
            problems.add(("subject",), problem.what, problem.expected, problem.fix)
        raise problems.error() from error
    if file.factors is None:
        return offered
    names = [factor.name for factor in offered]
    expected = ", ".join(names) or "a mapping, name -> levels: the subject declares no flags"
    for number, name in enumerate(file.factors):
        if name not in names:
            problems.add(("factors", number), f"unknown flag {name!r}", expected)
    return tuple(factor for factor in offered if factor.name in file.factors)


def _own_factors(declared: Mapping[str, FactorPart], problems: Problems) -> tuple[Factor, ...]:
    factors = []
    for name, part in declared.items():
        place = ("factors", name)
        if not subject.FACTOR_NAME.match(name) or name in designs.PRESETS:
            problems.add(place, f"{name!r} cannot name a flag", "lower-case letters and _")
        if part.arguments is not None and set(part.arguments) != set(part.levels):
            expected = f"the words of each level: {', '.join(part.levels)}"
            what = f"arguments of the levels {', '.join(part.arguments) or 'none'}"
            problems.add((*place, "arguments"), what, expected)
        env = part.env or name.upper()
        factors.append(Factor(name, env, tuple(part.levels), default=part.default))
    return tuple(factors)


def _place(factor: Factor, file: ScenarioFile) -> Place:
    return ("factors", factor.name) if isinstance(file.factors, dict) else ("subject",)


def _check_levels(factors: Sequence[Factor], file: ScenarioFile, problems: Problems) -> None:
    """Check that levels differ, and that the id of a combination with one can be read back."""
    for factor in factors:
        place = _place(factor, file)
        if factor.default not in factor.levels:
            what = f"default {factor.default!r} is not a level"
            problems.add(place, what, ", ".join(factor.levels))
        if len(set(factor.levels)) < len(factor.levels):
            what = f"{factor.name} has the levels {', '.join(factor.levels)}"
            problems.add(place, what, "each once")
        for level in factor.levels:
            if "+" in level or "::" in level or printable_line(level) != level:
                expected = "printable characters without + and ::"
                problems.add(place, f"{level!r} cannot name a level", expected)


def _check_variables(factors: Sequence[Factor], file: ScenarioFile, problems: Problems) -> None:
    """Check that each variable is one factor's alone: with two, the last would set it for both."""
    owners = {
        variable: f"the service {name}"
        for name, service in file.services.items()
        for variable in variables_of(name, service)
    }
    if isinstance(file.subject, CommandPart):
        owners |= dict.fromkeys(file.subject.env, "subject.env")
    for factor in factors:
        if factor.env in TAKEN_VARIABLES:
            problems.add(_place(factor, file), f"{factor.env} is the provider's", "another env")
        owner = owners.setdefault(factor.env, factor.name)
        if owner != factor.name:
            what = f"{factor.name} and {owner} have the same variable, {factor.env}"
            problems.add(_place(factor, file), what, "env: a variable of its own")


def command_of(
    folder: Path, file: ScenarioFile, factors: Sequence[Factor], problems: Problems
) -> Command | None:
    """The command that is the subject, None for a function."""
    own = file.factors if isinstance(file.factors, dict) else {}
    arguments = {name: part.arguments for name, part in own.items() if part.arguments}
    if not isinstance(file.subject, CommandPart):
        for name in arguments:
            expected = "subject: {command: [...]}, which takes them"
            problems.add(("factors", name, "arguments"), "arguments without a command", expected)
        return None
    project = request_file.project_folder(folder.resolve())
    run = command.command_of(file.subject, project, factors, arguments)
    for place, what in command.problems(run, factors):
        problems.add(place, what)
    return run
