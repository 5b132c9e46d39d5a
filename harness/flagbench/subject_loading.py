"""Subjects by their names: entry points of installed packages, and dotted paths."""

import importlib
import inspect
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from flagbench import extras
from flagbench.errors import InputError, Problem, described
from flagbench.observed_inputs import observed
from flagbench.subject import PARAMETERS, Subject, arguments_of

# The entry-point group in which packages register their subjects.
ENTRY_POINTS = "flagbench.subjects"
# What stands in paths, and in no name of an entry point.
_OF_PATHS = frozenset(".:/")
# What names a function of a module.
_DOTTED = "a dotted path such as my_package.module.run"


def load(name: str) -> Subject:
    """Load a subject by name, such as `crud`, or dotted path, such as `my_package.module.run`.

    Names are entry points of the group `flagbench.subjects`. Raises `InputError` for one that
    cannot be loaded.
    """
    is_dotted = "." in name and all(part.isidentifier() for part in name.split("."))
    if not is_dotted and not _OF_PATHS.isdisjoint(name):
        near = _as_dotted(name)
        expected = f"{near}, a dotted path" if near else _DOTTED
        raise InputError(Problem(f"{name!r} does not name a function", expected=expected))
    return _check_callable(name, _import(name) if is_dotted else _load_registered(name))


def _as_dotted(name: str) -> str:
    """The dotted path that `package.module:run` or `package/module.py:run` stands for, else ""."""
    module, _, function = name.rpartition(":")
    path = module.removeprefix("./").removesuffix(".py").replace("/", ".")
    dotted = f"{path}.{function}"
    return dotted if all(part.isidentifier() for part in dotted.split(".")) else ""


def entry_module(name: str) -> str:
    """The module that the name of a subject leads to, "" for an unknown name."""
    if "." in name:
        return name.rpartition(".")[0]
    point = registered().get(name)
    return point.module if point else ""


@cache  # installed packages do not change while a process runs
def registered() -> Mapping[str, EntryPoint]:
    """Entry points of the subjects in installed packages, by name."""
    return {point.name: point for point in entry_points(group=ENTRY_POINTS)}


def _load_registered(name: str) -> object:
    points = registered()
    if name not in points:
        known = get_close_matches(name, points) or sorted(points)
        expected = ", ".join(known) + f"{', or' if known else ''} {_DOTTED}"
        raise InputError(Problem(f"unknown subject {name!r}", expected=expected.strip()))
    try:
        with observed(points[name].module):
            return points[name].load()
    except (Exception, SystemExit) as error:  # the package is another author's
        what = described(error)
        fix = extras.fix_for(error, name) if isinstance(error, ImportError) else ""
        raise InputError(Problem(f"subject {name!r} cannot be loaded: {what}", fix=fix)) from error


def _import(dotted: str) -> object:
    module_name, _, name = dotted.rpartition(".")
    try:
        with observed(module_name):
            module = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:  # the module is the user's: anything may happen
        what = f"{dotted!r} cannot be imported: {described(error)}"
        missing = error.name if isinstance(error, ModuleNotFoundError) else None
        is_own = missing is not None and f"{module_name}.".startswith(f"{missing}.")
        raise InputError(
            Problem(
                what,
                expected=_DOTTED if is_own else f"a module {module_name} that can be imported",
                fix=_fix(missing, is_own=is_own) if missing else "",
            )
        ) from error
    if not hasattr(module, name):
        functions = [each for each, value in vars(module).items() if inspect.isfunction(value)]
        known = get_close_matches(name, functions) or functions
        expected = ", ".join(known) or f"a function in {getattr(module, '__file__', module_name)}"
        raise InputError(Problem(f"module {module_name!r} has no {name!r}", expected=expected))
    return getattr(module, name)


def _fix(missing: str, *, is_own: bool) -> str:
    """A remedy for a missing module: the subject's own, or one that it imports."""
    if is_own:
        file = f"{missing.replace('.', '/')}.py"
        return f"install the package of {missing}, or have {file} in the project's folder"
    return f"install what {missing} is a part of, where flagbench is installed"


def _check_callable(name: str, loaded: object) -> Subject:
    if not callable(loaded):
        expected = f"a function, not a {type(loaded).__name__}"
        raise InputError(Problem(f"{name!r} is not a function", expected=expected))
    subject: Subject = loaded
    arguments_of(subject, dict.fromkeys(PARAMETERS))
    return subject
