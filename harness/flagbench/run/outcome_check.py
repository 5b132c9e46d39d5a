"""Check of a subject's outcome and events: each has the types that the protocol says."""

import math
import re
import reprlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flagbench.acceptance import artifact_proof
from flagbench.errors import CouldNotRun, Problem, described
from flagbench.scenario.targets import METRICS
from flagbench.subject import OWN_METRIC, REPORTED

# A metric that targets and baselines can name; the harness measures some of them itself.
_RATE_NAME = re.compile(r"[a-z][a-z0-9_]*_rate\Z")
_MEASURED = ("approval_rate", *artifact_proof.RATES)
_SHORT = ("approval", "acceptance", "dollars")  # of measured metrics, in conditions
# The greatest count, so that sums over trials are exact in every format of results.
_MOST = 10**15
_RATE = f"(part, whole): two integers, 0 <= part <= whole <= {_MOST:,}"
# The end of a `repr` that is another in every run, and values that have none.
_PLACE = re.compile(r" at 0x[0-9a-fA-F]+>\Z")
_PLAIN = (str, bytes, int, float, list, tuple, dict, set, frozenset)
_PROTOCOL = "the protocol Outcome of harness/flagbench/subject.py"


def check(outcome: Any, events: Iterable[Any]) -> None:
    """Raise `CouldNotRun` with everything in an outcome and its events that is not as specified.

    `outcome` and `events` are whatever the subject returned and reported.
    """
    try:
        problems = [
            *_rate_problems(dict(outcome.rates)),
            *(
                problem
                for artifact in outcome.artifacts
                for problem in _artifact_problems(artifact)
            ),
            *(problem for event in events for problem in _event_problems(event)),
            *_metric_problems(dict(getattr(outcome, "metrics", {}))),
            *_report_problems(dict(getattr(outcome, "reported", {}))),
        ]
    except Exception as error:  # attributes of the subject's own classes may raise anything
        what = f"the subject returned {shown(outcome)}: {described(error)}"
        raise CouldNotRun(Problem(what, expected=_PROTOCOL)) from error
    if problems:
        raise CouldNotRun(dict.fromkeys(problems))


def _rate_problems(rates: Mapping[Any, Any]) -> Iterator[Problem]:
    for name, rate in rates.items():
        if not isinstance(name, str) or not _RATE_NAME.match(name):
            expected = "a name such as cache_hit_rate: lower-case letters, digits and _"
            yield Problem(f"the subject has a rate called {shown(name)}", expected=expected)
        elif name in _MEASURED:
            expected = "another name"
            yield Problem(f"the subject has a rate called {name}, which is measured", "", expected)
        elif not _is_rate(rate):
            yield Problem(f"the subject's {name} is {shown(rate)}", expected=_RATE)


def _metric_problems(metrics: Mapping[Any, Any]) -> Iterator[Problem]:
    for name, metric in metrics.items():
        if not isinstance(name, str) or not OWN_METRIC.match(name):
            expected = "a name such as lint_errors, which does not end in _rate"
            yield Problem(f"the subject has a metric called {shown(name)}", expected=expected)
        elif name in METRICS or name in _SHORT:
            what = f"the subject has a metric called {name}, which is measured"
            yield Problem(what, expected="another name")
        elif not _is_metric(metric):
            what = f"the subject's {name} is {shown(metric)}"
            yield Problem(what, expected='(finite number, unit, "lower" or "higher")')


def _is_metric(metric: Any) -> bool:
    if not isinstance(metric, (tuple, list)) or len(metric) != 3:
        return False
    value, unit, better = metric
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    is_known = isinstance(unit, str) and better in ("lower", "higher")
    return is_number and _is_finite(value) and abs(value) <= _MOST and is_known


def _is_rate(rate: Any) -> bool:
    if not isinstance(rate, (tuple, list)) or len(rate) != 2:
        return False
    part, whole = rate
    # A bool is an int to Python, and a count to nobody.
    return type(part) is int and type(whole) is int and 0 <= part <= whole <= _MOST


def _artifact_problems(artifact: Any) -> Iterator[Problem]:
    for name in ("kind", "path", "text", "request_id"):
        value = getattr(artifact, name)
        if not isinstance(value, str):
            yield Problem(f"{name} of an artifact is {shown(value)}", expected="text")
    if not isinstance(artifact.approved, bool | None):
        what = f"approved of an artifact is {shown(artifact.approved)}"
        yield Problem(what, expected="True, False, or None without a review")


def _event_problems(event: Any) -> Iterator[Problem]:
    for name in ("name", "request_id"):
        value = getattr(event, name)
        if not isinstance(value, str):
            yield Problem(f"{name} of an event is {shown(value)}", expected="text")
    if not isinstance(event.fields, Mapping):
        yield Problem(f"fields of an event is {shown(event.fields)}", expected="a mapping")
        return
    for name, value in event.fields.items():
        if isinstance(value, (int, float)) and not _is_finite(value):
            what = f"{name} of an event is {shown(value)}"
            yield Problem(what, expected="a finite number")


def _report_problems(reported: Mapping[Any, Any]) -> Iterator[Problem]:
    for name, value in reported.items():
        if name not in REPORTED:
            what = f"the subject reports {shown(name)}"
            yield Problem(what, expected=f"one of {', '.join(REPORTED)}")
        elif (
            isinstance(value, bool) or not isinstance(value, (int, float)) or not _is_finite(value)
        ):
            yield Problem(f"the subject reports {name} {shown(value)}", expected="a finite number")


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def shown(value: Any) -> str:
    """The beginning of a value's `repr`, or its type where that fails or is a place in memory."""
    try:
        if not isinstance(value, _PLAIN) and _PLACE.search(repr(value)):
            return f"a {type(value).__name__}"
        return reprlib.repr(value)
    except Exception:  # an integer of 5,000 digits, or an author's own __repr__
        return f"a {type(value).__name__}"
