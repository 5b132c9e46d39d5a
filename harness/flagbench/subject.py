"""The contract with a subject: one async function, named by the scenario."""

import importlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Protocol

from openai import AsyncOpenAI

from flagbench import extras
from flagbench.errors import InputError, Problem

# The entry-point group in which packages register their subjects.
ENTRY_POINTS = "flagbench.subjects"
FACTOR_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


@dataclass(frozen=True, slots=True)
class Factor:
    """A switch of the subject.

    `levels` are the values of the variable `env`; the first is off (the control), the last is on.
    """

    name: str
    env: str
    levels: tuple[str, ...] = ("false", "true")
    doc: str = ""
    default: str = "false"


class Event(Protocol):
    """Something that a subject did. `fields` are plain values."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def request_id(self) -> str: ...  # noqa: D102
    @property
    def fields(self) -> Mapping[str, Any]: ...  # noqa: D102


class Artifact(Protocol):
    """One generated file. `approved` is the subject's own review, which the harness only counts."""

    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def path(self) -> str: ...  # noqa: D102
    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def approved(self) -> bool: ...  # noqa: D102
    @property
    def request_id(self) -> str: ...  # noqa: D102


class Outcome(Protocol):
    """What a subject returns.

    `rates`: name -> (part, whole), counts of the subject's own decisions such as cache hits of
    lookups; each becomes a metric that targets and baselines may name.
    """

    @property
    def artifacts(self) -> Sequence[Artifact]: ...  # noqa: D102
    @property
    def rates(self) -> Mapping[str, tuple[int, int]]: ...  # noqa: D102


class Subject(Protocol):
    """The function under test.

    `requests` are the scenario's, in order; `flags` maps environment names to levels; every call
    goes through `client` with `model`; `workdir` is an empty directory that only this cell sees.
    A folder that survives runs may be named by `SUBJECT_CACHE_DIR`: for pure work that is keyed by
    its input, such as formatting; never for answers. Calls may carry the headers `X-Agent`,
    `X-Phase` and `X-Client-Request-Id`.
    """

    async def __call__(  # noqa: D102  the arguments are the contract with a subject
        self,
        requests: Sequence[str],
        flags: Mapping[str, str],
        client: AsyncOpenAI,
        *,
        model: str,
        workdir: Path,
        listener: Callable[[Event], None],
    ) -> Outcome: ...


def load(name: str) -> Subject:
    """The subject of a name, such as `crud`, or of a dotted path, such as `my_package.module.run`.

    Names are entry points of the group `flagbench.subjects`. Raises `ValueError` that says what is
    missing.
    """
    return _callable(name, _imported(name) if "." in name else _registered(name))


def registered() -> Mapping[str, EntryPoint]:
    """The subjects that installed packages offer, by name."""
    return {point.name: point for point in entry_points(group=ENTRY_POINTS)}


def _registered(name: str) -> object:
    points = registered()
    if name not in points:
        known = ", ".join(sorted(points)) or "none is installed"
        raise ValueError(
            f"unknown subject {name!r}; expected: one of {known}, or a dotted path such as "
            "'my_package.module.run'"
        )
    try:
        return points[name].load()
    except (Exception, SystemExit) as error:  # the package is another author's
        what = f"{type(error).__name__}: {error}"
        fix = extras.fix_for(error) if isinstance(error, ImportError) else ""
        hint = f"; fix: {fix}" if fix else ""
        raise ValueError(f"subject {name!r} cannot be loaded: {what}{hint}") from error


def _imported(dotted: str) -> object:
    module_name, _, name = dotted.rpartition(".")
    try:
        module = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:  # the module is the user's: anything may happen
        what = f"{type(error).__name__}: {error}"
        raise ValueError(f"{dotted!r} cannot be imported: {what}") from error
    if not hasattr(module, name):
        raise ValueError(f"module {module_name!r} has no {name!r}")
    return getattr(module, name)


def _callable(name: str, loaded: object) -> Subject:
    if not callable(loaded):
        raise ValueError(f"{name!r} is not a function")  # noqa: TRY004  as the others here
    subject: Subject = loaded
    return subject


def scaffold_of(subject: Subject) -> Mapping[str, str]:
    """The files around what a subject generates, by path: what its attribute `scaffold` returns."""
    read = getattr(subject, "scaffold", dict)
    return {str(path): str(text) for path, text in read().items()}


def check(subject: Subject, request: str, where: str) -> None:
    """Ask the subject's attribute `check`, if it has one, whether a request is right.

    `check(request)` raises a `ValueError` for a wrong one. Its `problems`, if it has them, are
    everything that is wrong: each has `what`, and may have `line` and `column` (from 1), else
    `where`; `expected`; `fix`. Raises `InputError` with all of them, each at its place in `where`.
    """
    try:
        getattr(subject, "check", lambda _: None)(request)
    except ValueError as error:
        problems = getattr(error, "problems", None) or [Problem(str(error))]
        raise InputError(_placed(problem, where) for problem in problems) from error


def _placed(problem: object, where: str) -> Problem:
    line, column, place = (getattr(problem, name, None) for name in ("line", "column", "where"))
    if line is not None:
        where = ":".join(str(part) for part in (where, line, column) if part is not None)
    elif place:
        where = f"{where}: {place}"
    what, expected, fix = (str(getattr(problem, name, "")) for name in ("what", "expected", "fix"))
    return Problem(what, where=where, expected=expected, fix=fix)


def factors_of(subject: Subject) -> tuple[Factor, ...]:
    """The factors that a subject declares in its attribute `factors`; none if it has no such."""
    declared = tuple(
        Factor(one.name, one.env, tuple(one.levels), one.doc, one.default)
        for one in getattr(subject, "factors", ())
    )
    for one in declared:
        if not FACTOR_NAME.match(one.name) or len(one.levels) < 2:
            raise ValueError(f"the subject declares a bad factor: {one}")
    return declared
