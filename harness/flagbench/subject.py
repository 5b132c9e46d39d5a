"""The contract with a subject: a function, async or sync, that the scenario names."""

import inspect
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NamedTuple, Protocol

from flagbench.errors import InputError, Problem
from flagbench.observed_inputs import observed

# Amounts that a subject may report about itself.
REPORTED = ("calls", "prompt_tokens", "completion_tokens", "tokens", "seconds")
# What a subject may take, each by the name of its parameter.
PARAMETERS = ("requests", "flags", "client", "base_url", "model", "workdir", "listener")
FACTOR_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
# A metric of the subject's own that is not a rate.
OWN_METRIC = re.compile(r"[a-z][a-z0-9_]*(?<!_rate)\Z")
# More alike than this, another name is taken for a slip of the pen.
_ALIKE = 0.75


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
    """An event reported by a subject. `fields` are plain values.

    An event `llm_call` reports a call; its `prompt_tokens` and `completion_tokens`, if it has them,
    are held against the measured ones. An event `understood` tells what was made of a request; with
    texts in `doubts`, `flagbench generate` asks before it goes on.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def request_id(self) -> str: ...  # noqa: D102
    @property
    def fields(self) -> Mapping[str, Any]: ...  # noqa: D102


class Artifact(Protocol):
    """A generated file.

    `approved` is the subject's own review, which the harness only counts; None without a review.
    """

    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def path(self) -> str: ...  # noqa: D102
    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def approved(self) -> bool | None: ...  # noqa: D102
    @property
    def request_id(self) -> str: ...  # noqa: D102


class Metric(NamedTuple):
    """A number of the subject's own, such as lint errors. `better` is "lower" or "higher"."""

    value: float
    unit: str = ""
    better: str = "lower"


class Outcome(Protocol):
    """The result of a subject.

    `rates`: name -> (part, whole), counts of the subject's own decisions such as cache hits of
    lookups; each becomes a metric that targets and baselines may name. Where there are events
    `cache_hit`, the part of `cache_hit_rate` is at most their number; so for other names.

    An outcome may have a mapping `metrics`: name -> `Metric`, or (value, unit, better). Each is a
    metric, the mean over the trials, that targets and baselines may name.

    An outcome may have a mapping `reported`: figures that the subject gives for the whole session,
    by the names in `REPORTED`. Its seconds are those of the running loop's clock. A figure that the
    measurement contradicts makes the verdict BROKEN.
    """

    @property
    def artifacts(self) -> Sequence[Artifact]: ...  # noqa: D102
    @property
    def rates(self) -> Mapping[str, tuple[int, int]]: ...  # noqa: D102


class Subject(Protocol):
    """The function under test, async or sync.

    It takes what it names, of `PARAMETERS`, as a fixture of pytest does. `requests` are the
    scenario's, in order; `flags` maps environment names to levels, which are environment variables
    during the call, too; every call goes through `client` with `model`, to `base_url`; `workdir` is
    an empty directory of this cell alone. `listener` takes an `Event`.

    It returns an `Outcome`; or a list of paths in `workdir`; or a mapping, of paths to texts or
    with what an outcome has (`artifacts`, `rates`, `metrics`, `reported`); or nothing: then the
    files in `workdir` are the artifacts.

    `SUBJECT_CACHE_DIR` may name a folder that survives runs: for pure work that is keyed by its
    input, such as formatting; never for answers. Calls may carry the headers `X-Agent`, `X-Phase`
    and `X-Client-Request-Id`.
    """

    # Any: each subject has parameters of its own, and any of the forms of a result.
    def __call__(self, *args: Any, **arguments: Any) -> Any: ...  # noqa: D102


def module_of(subject: Subject) -> str:
    """The module that defines a subject."""
    return str(getattr(subject, "__module__", None))


def arguments_of(
    subject: Subject, offered: Mapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Choose the arguments that a subject names. Raises `InputError` for one that is not offered.

    A parameter with a default of its own and another name keeps it; `**` takes the rest but
    `base_url`.
    """
    try:
        parameters = inspect.signature(subject).parameters.values()
    except (TypeError, ValueError) as error:
        what = f"the parameters of {subject!r} cannot be read: {error}"
        raise InputError(Problem(what, expected="a function of Python")) from error
    by_place = list[Any]()
    by_name = dict[str, Any]()
    unknown = list[str]()
    for parameter in parameters:
        if parameter.kind is parameter.VAR_KEYWORD:
            # For a client of its own: a subject that passes the rest on does not need it.
            named = {"base_url", *(known.name for known in parameters)}
            by_name |= {name: value for name, value in offered.items() if name not in named}
        elif parameter.kind is parameter.VAR_POSITIONAL:
            continue
        elif parameter.name not in offered:
            if parameter.default is parameter.empty:
                unknown.append(parameter.name)
        elif parameter.kind is parameter.POSITIONAL_ONLY:
            by_place.append(offered[parameter.name])
        else:
            by_name[parameter.name] = offered[parameter.name]
    if unknown:
        what = f"the subject takes {', '.join(map(repr, unknown))}"
        expected = f"parameters among {', '.join(offered)}, or with defaults"
        raise InputError(Problem(what, expected=expected))
    return tuple(by_place), by_name


def scaffold_of(subject: Subject, requests: Sequence[str] = ()) -> Mapping[str, str]:
    """Hand-written files around the generated ones, by path: those of the attribute `scaffold`.

    It is called with the requests if it has a parameter for them.
    """
    read: Any = getattr(subject, "scaffold", None)
    if read is None:
        return {}
    with observed(module_of(subject)):
        files = read(requests) if inspect.signature(read).parameters else read()
    return {str(path): str(text) for path, text in files.items()}


def check(
    subject: Subject,
    request: str,
    where: str,
    place: Callable[[int], tuple[str, int]] | None = None,
) -> None:
    """Validate a request by the subject's attribute `check`, if it has one.

    `check(request)` raises a `ValueError` for an invalid one. Its `problems`, if it has them, each
    have `what`, and may have `line` and `column` (from 1), else `where`; `expected`; `fix`. Raises
    `InputError` with all of them, each at its place in `where`, or in the file and line that
    `place` makes of a line.
    """
    try:
        with observed(module_of(subject)):
            getattr(subject, "check", lambda _: None)(request)
    except ValueError as error:
        problems = getattr(error, "problems", None) or [Problem(str(error))]
        raise InputError(_problem_in(problem, where, place) for problem in problems) from error


def _problem_in(
    problem: object, where: str, place: Callable[[int], tuple[str, int]] | None
) -> Problem:
    line, column, path = (getattr(problem, name, None) for name in ("line", "column", "where"))
    if line is not None:
        file, line = place(line) if place else (where, line)
        where = ":".join(str(part) for part in (file, line, column) if part is not None)
    elif path:
        where = f"{where}: {path}"
    what, expected, fix = (str(getattr(problem, name, "")) for name in ("what", "expected", "fix"))
    return Problem(what, where=where, expected=expected, fix=fix)


def factors_of(subject: Subject) -> tuple[Factor, ...]:
    """The factors in a subject's attribute `factors`; none without it. Raises `InputError`."""
    declared = tuple(
        Factor(factor.name, factor.env, tuple(factor.levels), factor.doc, factor.default)
        for factor in getattr(subject, "factors", ())
    )
    for factor in declared:
        if not FACTOR_NAME.match(factor.name) or len(factor.levels) < 2:
            expected = "a name of lower-case letters and _, and two levels or more"
            raise InputError(
                Problem(f"the subject declares a bad factor: {factor}", expected=expected)
            )
    return declared


def mistaken(name: str, known: Collection[str]) -> str:
    """Expected in place of a name that is none of the metrics `known`, for an error.

    "" if it may be a metric of a subject's own.
    """
    close = get_close_matches(name, known, n=1, cutoff=_ALIKE)
    words = set(name.split("_"))
    # Of `own_seconds` each word of the close one is spelled right.
    if OWN_METRIC.match(name) and (not close or words > set(close[0].split("_"))):
        return ""
    return close[0] if close else ", ".join(known) + ", or a metric of the subject"
