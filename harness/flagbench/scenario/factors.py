"""Factors of a scenario, the subject's or its own, and the command that takes them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from flagbench import subject, subject_loading
from flagbench.errors import InputError
from flagbench.scenario import command, designs, request_file
from flagbench.scenario.command import Command, CommandPart
from flagbench.scenario.schema import FactorPart, ScenarioFile
from flagbench.subject import Factor
from flagbench.yaml_lines import Problems


def factors_of(file: ScenarioFile, problems: Problems) -> tuple[Factor, ...]:
    """The scenario's own factors, or those of the subject that it selects (all by default).

    Raises `InputError` immediately if the subject cannot be loaded, since all of its flags would be
    reported as unknown.
    """
    if isinstance(file.factors, dict):
        return _own_factors(file.factors, problems)
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
    for number, name in enumerate(file.factors):
        if name not in names:
            problems.add(("factors", number), f"unknown flag {name!r}", ", ".join(names))
    return tuple(factor for factor in offered if factor.name in file.factors)


def _own_factors(declared: Mapping[str, FactorPart], problems: Problems) -> tuple[Factor, ...]:
    factors = []
    for name, part in declared.items():
        place = ("factors", name)
        if not subject.FACTOR_NAME.match(name) or name in designs.PRESETS:
            problems.add(place, f"{name!r} cannot name a flag", "lower-case letters and _")
        if part.default not in part.levels:
            what = f"default {part.default!r} is not a level"
            problems.add(place, what, ", ".join(part.levels))
        if part.arguments is not None and set(part.arguments) != set(part.levels):
            expected = f"the words of each level: {', '.join(part.levels)}"
            what = f"arguments of the levels {', '.join(part.arguments) or 'none'}"
            problems.add((*place, "arguments"), what, expected)
        env = part.env or name.upper()
        factors.append(Factor(name, env, tuple(part.levels), default=part.default))
    return tuple(factors)


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
