"""Agreement of PromQL expressions with the series and labels that Prometheus has."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from flagbench.acceptance.enterprise.api import PORT
from flagbench.acceptance.enterprise.application import findings_of
from flagbench.acceptance.enterprise.case import ComponentCase
from flagbench.acceptance.enterprise.components import COMPONENTS, names
from flagbench.acceptance.enterprise.probe_client import Metrics, MissingTool, Selector, Tools
from flagbench.acceptance.enterprise.telemetry import REQUESTS, SECONDS
from flagbench.acceptance.enterprise.tools import listed, mapping, part
from flagbench.acceptance.proof import Refuted

CHOSEN = "chosen_by_a_reader"
"""What stands for a variable of a dashboard."""
_PROMETHEUS = "infrastructure/monitoring/prometheus.yml"
_TARGET = ("job", "instance")
# What Prometheus itself adds to each target, and what it has of each alert.
_ADDED = (
    "up",
    "scrape_duration_seconds",
    "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling",
    "scrape_series_added",
)
_OF_ALERTS = ("ALERTS", "ALERTS_FOR_STATE")
# Those of Prometheus about itself.
_ITS_OWN = re.compile(r"(prometheus|go|process|net|promhttp)_\w+")
_CONTRACT: Mapping[str, tuple[str, ...]] = {
    REQUESTS: ("method", "path", "status"),
    f"{SECONDS}_bucket": ("le",),
    f"{SECONDS}_sum": (),
    f"{SECONDS}_count": (),
}

Labels = frozenset[str] | None
"""The labels of a series; None where they are not known."""


@dataclass(frozen=True, slots=True)
class _Known:
    """The series with their labels, the jobs of Prometheus, and whom it asks besides."""

    series: Mapping[str, Labels]
    jobs: frozenset[str]
    asks_itself: bool
    asks_others: bool


def check_expressions(
    case: ComponentCase, tools: Tools, expressions: Iterable[str], recorded: Iterable[str]
) -> None:
    """Check that each expression selects series that are there, by labels that they have.

    `recorded` are series of rules. Raises `Refuted`.
    """
    known = _known(case, tools, recorded)
    for expression in expressions:
        read = tools.metrics(expression)
        if read.error:
            raise Refuted("agreement", f"{expression}: {read.error}")
        for selector in read.selectors:
            _check_name(selector, known)
            _check_labels(selector, known)
        _check_groups(read, known)


def _check_name(selector: Selector, known: _Known) -> None:
    if known.asks_others or CHOSEN in selector.name:
        return
    patterns = [value for label, sign, value in selector.matchers
                if label == "__name__" and sign == "=~" and CHOSEN not in value]  # fmt: skip
    is_its_own = known.asks_itself and _ITS_OWN.fullmatch(selector.name)
    is_there = selector.name in known.series or is_its_own
    if selector.name and not is_there:
        what = f"{selector.name} is not a metric of the service"
        raise Refuted(
            "agreement", f"{what}; expected: {names(known.series.keys() - {*_ADDED, *_OF_ALERTS})}"
        )
    for pattern in patterns:
        if not any(_matches(pattern, name) for name in known.series):
            raise Refuted("agreement", f"no metric of the service is named as {pattern}")


def _check_labels(selector: Selector, known: _Known) -> None:
    labels = known.series.get(selector.name)
    for label, sign, value in selector.matchers:
        is_chosen = CHOSEN in value or CHOSEN in label
        # A label that is not there has the value "".
        if is_chosen or label == "__name__" or sign not in ("=", "=~") or _matches(value, ""):
            continue
        if labels is not None and label not in labels:
            what = f"{selector.name} has no label {label}"
            raise Refuted("agreement", f"{what}; expected: {names(labels)}")
        if label == "job" and known.jobs and not any(
            job == value if sign == "=" else _matches(value, job) for job in known.jobs
        ):  # fmt: skip
            what = f'job="{value}" is not a job of Prometheus'
            raise Refuted("agreement", f"{what}; expected: {names(known.jobs)}")


def _check_groups(read: Metrics, known: _Known) -> None:
    for group in read.groups:
        own = [known.series.get(name) for name in group.names]
        if not own or any(labels is None for labels in own):
            continue
        every = {label for labels in own for label in labels or ()} | {*read.made, CHOSEN}
        for label in group.labels:
            if label not in every:
                what = f"{names({*group.names})} has no label {label}"
                raise Refuted("agreement", f"{what}; expected: {names(every - {CHOSEN})}")


def _matches(pattern: str, text: str) -> bool:
    """True if a text matches; for a pattern that is not Python's, too."""
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:
        return True


def _known(case: ComponentCase, tools: Tools, recorded: Iterable[str]) -> _Known:
    config = part(tools.documents(_PROMETHEUS).documents, 0) if _PROMETHEUS in case.files else None
    jobs = listed(part(config, "scrape_configs"))
    targets = [each for job in jobs for each in listed(part(job, "static_configs"))]
    hosts = {str(host) for each in targets for host in listed(part(each, "targets"))}
    added = {*_TARGET, *(name for each in targets for name in mapping(part(each, "labels")))}
    added |= set(mapping(part(config, "global", "external_labels")))
    is_changed = "relabel_configs" in str(jobs) or any("static_configs" not in mapping(job)
                                                       for job in jobs)  # fmt: skip
    series: dict[str, Labels] = {
        name: None if is_changed or labels is None else frozenset(labels) | added
        for name, labels in (*_of_service(case, tools).items(), *((each, ()) for each in _ADDED))
    }
    others = {host for host in hosts if not re.match(rf"app:{PORT}|localhost|prometheus:", host)}
    named = {str(part(job, "job_name")) for job in jobs}
    return _Known(
        {**series, **dict.fromkeys((*_OF_ALERTS, *recorded))},
        # A job of another name is the fault of its own file.
        frozenset({*named, case.brief.name} if named else ()),
        any(re.match(r"(localhost|prometheus):9090", host) for host in hosts),
        bool(others) or any("static_configs" not in mapping(job) for job in jobs),
    )


def _of_service(case: ComponentCase, tools: Tools) -> dict[str, Iterable[str] | None]:
    """The series of the contract, and those that the service has, or that its code declares."""
    found: dict[str, Iterable[str] | None] = {**_CONTRACT}
    whole = COMPONENTS["middleware"]
    files = whole.files_of(case.brief, case.files)
    try:
        application = replace(case, component=whole, files=files, is_alone=False)
        running = findings_of(application, tools.probe).series
    except MissingTool:
        running = {}
    for name, labels in running.items():
        # Without a sample nobody knows the labels.
        is_sampled = labels or name not in found
        found[name] = ({*(found.get(name) or ()), *labels} if labels else None) if is_sampled \
            else found[name]  # fmt: skip
    if not running:
        code = "\n".join(files.values())
        declared = re.findall(r"# TYPE (\w+) |(?:Counter|Gauge|Histogram|Summary)\(\s*"
                              r"[\"'](\w+)", code)  # fmt: skip
        for name in {name for pair in declared for name in pair if name} - found.keys() - {SECONDS}:
            found |= dict.fromkeys((name, *(name + end for end in ("_bucket", "_sum", "_count"))))
            found |= dict.fromkeys((f"{name}_total",))
    elif SECONDS in running and f"{SECONDS}_bucket" not in running:
        del found[f"{SECONDS}_bucket"]
    return found
