"""Alerts and panels on series that do not exist are refuted; other right queries are accepted."""

from pathlib import Path

import pytest
from systems import brief, case, edited, judged, solution

from flagbench.acceptance.enterprise.case import ComponentCase, Systems
from flagbench.acceptance.enterprise.components import COMPONENTS
from flagbench.acceptance.proof_cache import ProofCache
from flagbench.acceptance.prover import Prover

QUERY = "sum by (status) (rate(http_requests_total[5m]))"
DOWN = 'up{job="shop"} == 0'
PROMETHEUS, ALERTS = COMPONENTS["prometheus"].path, COMPONENTS["alerts"].path
MIDDLEWARE = COMPONENTS["middleware"].path
TARGETS = '      - targets: ["app:8000"]\n'


def query(text: str, *edits: str) -> ComponentCase:
    """A dashboard with another query, and other alerts."""
    one = edited("dashboards", QUERY, text.replace('"', '\\"'))
    return case("dashboards", {one.path: one.files[one.path], **with_edits(ALERTS, *edits)})


def alert(text: str, *edits: str) -> ComponentCase:
    """Alerts with another expression, and another configuration of Prometheus."""
    one = edited("alerts", DOWN, text)
    return case("alerts", {one.path: one.files[one.path], **with_edits(PROMETHEUS, *edits)})


def with_edits(path: str, *edits: str) -> dict[str, str]:
    """The text of a file with an edit; nothing without one."""
    return {path: solution("shop").files[path].replace(*edits)} if edits else {}


RIGHT = {
    "the range of a dashboard": query("increase(http_requests_total[$__range])"),
    "a range that a reader chooses": query("rate(http_requests_total[${window}])"),
    "a step that Grafana chooses": query(
        "max_over_time(rate(http_requests_total[5m])[1h:$__interval]) / $__range_s"
    ),
    "a label that a reader chooses": query(
        'sum by ($group) (rate(http_requests_total{job="$job"}[5m]))'
    ),
    "a rule of the alerts": query(
        "shop:errors:ratio5m",
        "    rules:\n",
        "    rules:\n      - record: shop:errors:ratio5m\n"
        "        expr: sum(rate(http_requests_total[5m]))\n",
    ),
    "the alerts": query('ALERTS{alertstate="firing"}'),
    "a label that the query makes": query(
        "sum by (kind) (label_replace(rate(http_requests_total[5m]),"
        ' "kind", "$1", "status", "(.).*"))'
    ),
    "a label of the target": alert(
        'up{team="a"} == 0', TARGETS, f"{TARGETS}        labels: {{team: a}}\n"
    ),
    "a job of another name": alert('up{job="api"} == 0', "job_name: shop", "job_name: api"),
    "a job by a pattern": alert('up{job=~"shop|api"} == 0'),
    "an absence": alert('absent(up{job="shop"})'),
    "a label that may be missing": alert('up{team!="a"} == 0'),
}
WRONG = {
    "a word of the code": (alert("health == 0"), "health is not a metric"),
    "a table": (alert("orders_count > 100"), "orders_count is not a metric"),
    "a sum of a counter": (
        alert("rate(http_requests_total_sum[5m]) > 1"), "http_requests_total_sum is not a metric"),
    "a histogram by its name": (
        alert("http_request_duration_seconds > 1"), "http_request_duration_seconds is not"),
    "a name in a matcher": (alert("'{__name__=\"no_such\"} > 0'"), "no_such is not a metric"),
    "names by a pattern": (alert('count({__name__=~"no.*"}) > 0'), "named as no.*"),
    "a label that is not there": (
        edited("alerts", "{status=~", "{code=~"), "http_requests_total has no label code"),
    "a job that is not there": (alert('up{job="shopp"} == 0'), 'job="shopp" is not a job'),
    "no such group": (
        query("sum by (code) (rate(http_requests_total[5m]))"), "has no label code"),
    "a rule that is not there": (query("shop:errors:ratio5m"), "is not a metric"),
    "the job of the alerts": (
        edited("prometheus", "job_name: shop", "job_name: other"), "asks for the job shop"),
    "another scheme": (
        edited("prometheus", "    metrics", "    scheme: https\n    metrics"), "by https"),
}  # fmt: skip


@pytest.mark.parametrize("one", RIGHT.values(), ids=RIGHT)
def test_another_query_is_right(
    one: ComponentCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Prometheus answers is not refused."""
    assert judged(one, tmp_path, monkeypatch) == ""


@pytest.mark.parametrize(("one", "words"), WRONG.values(), ids=WRONG)
def test_a_series_that_is_not_there_is_told(
    one: ComponentCase, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its name or its label."""
    assert words in judged(one, tmp_path, monkeypatch)


def test_the_series_are_those_of_the_running_service() -> None:
    """Also one that no contract names, whatever its code is like."""
    name = '"_".join(("shop", "starts"))'
    text = solution("shop").files[MIDDLEWARE]
    files = {
        **solution("shop").files,
        MIDDLEWARE: text.replace(
            '    return "\\n".join(lines)',
            f'    lines.append({name} + "{{kind=\\"a\\"}} 1")\n    return "\\n".join(lines)',
        ),
    }
    prover = Prover(ProofCache(None))
    try:
        proofs = {}
        for expression in ('shop_starts{kind="a"} > 9', 'shop_starts{type="a"} > 9'):
            made = files | {ALERTS: files[ALERTS].replace(DOWN, expression)}
            one = Systems({}).case(brief("shop"), COMPONENTS["alerts"], made)
            proofs[expression] = prover.prove(one).message
    finally:
        prover.close()
    assert proofs == {
        'shop_starts{kind="a"} > 9': "",
        'shop_starts{type="a"} > 9': "shop_starts has no label type; expected: instance, job, kind",
    }
