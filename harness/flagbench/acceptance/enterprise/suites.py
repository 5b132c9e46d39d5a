"""Judges of generated tests: they pass on the application, and fail on broken copies of it."""

from collections.abc import Mapping, Sequence
from functools import partial

from flagbench.acceptance.enterprise.api import ADMIN, AUDITOR, CLERK, PORT, Api
from flagbench.acceptance.enterprise.application import RUNS
from flagbench.acceptance.enterprise.case import ComponentCase
from flagbench.acceptance.enterprise.copies import LOAD, BrokenCopy, copies_of
from flagbench.acceptance.enterprise.probe_client import Service, TestRun
from flagbench.acceptance.probe import standstill
from flagbench.acceptance.probe_client import ProbeClient
from flagbench.acceptance.proof import Figures, Refuted
from flagbench.acceptance.sandbox.sandbox import Misbehaved, Raised, TimedOut
from flagbench.acceptance.selection import Selection

# Two tests, each on an empty database, that use what the fixtures give.
_FIXTURES_TEST = """\
import pytest

from core.services import services


@pytest.mark.parametrize("number", [1, 2])
def test_each_has_an_empty_database(client, number):
    assert services.list_rows("{table}") == []
    services.create_row("{table}", {values})
    assert client.get("/health").status_code == 200


def test_headers(headers, client):
    from core.config.settings import settings

    roles = {{user.role: name for name, user in settings.users.items()}}
    assert {{"admin", "clerk", "auditor"}} <= set(roles)
    for name in roles.values():
        sent = headers(name)
        assert list(sent) == ["Authorization"]
        assert client.get("/api/v1/{table}", headers=sent).status_code == 200
"""
_FIXTURES_TEST_OF_NODE = """\
'use strict';

const assert = require('node:assert');
const {{ test }} = require('node:test');
const {{ start, logIn }} = require('./helpers');

test('a user of each role is logged in to an empty service', async () => {{
  const started = await start();
  const base = started.base || started;
  const get = async (headers) => {{
    const answer = await fetch(`${{base}}/api/v1/{table}`, {{ headers }});
    return [answer.status, await answer.json()];
  }};
  for (const name of ['alice', 'bob', 'eve']) {{
    assert.deepStrictEqual(await get(await logIn(base, name)), [200, []]);
  }}
  assert.strictEqual((await get({{}}))[0], 401);
}});
"""
_EXAMPLES = {"text": "a", "email": "a@example.org", "integer": 1, "number": 1.5, "boolean": True}

# Reads at the same time, by what the fixtures give.
_LOAD_TEST = """\
from concurrent.futures import ThreadPoolExecutor


def test_reads(client, headers):
    sent = headers("alice")

    def read(_):
        return client.get("/api/v1/{table}", headers=sent).status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(read, range(8))) == {{200}}
"""
_LOAD_TEST_OF_NODE = """\
'use strict';

const assert = require('node:assert');
const {{ test }} = require('node:test');
const {{ start, logIn }} = require('./helpers');

test('reads', async () => {{
  const started = await start();
  const base = started.base || started;
  const headers = await logIn(base, 'alice');
  const read = async () => (await fetch(`${{base}}/api/v1/{table}`, {{ headers }})).status;
  const answers = await Promise.all(Array.from({{ length: 8 }}, read));
  assert.ok(answers.every((status) => status === 200));
}});
"""


def _environment() -> dict[str, str]:
    """An environment that tests have to replace by their own."""
    users = ",".join(f"{role}-user:{role}-word:{role}" for role in (ADMIN, CLERK, AUDITOR))
    return {"DATABASE_PATH": "app.db", "SECRET_KEY": "outside", "PORT": PORT, "API_USERS": users}


def judge_fixtures(
    case: ComponentCase, probe: ProbeClient, _: Figures, selection: Selection
) -> None:
    """Check that a test gets an empty database, a client, and headers by user."""
    if not selection.has("fixtures"):
        return
    place, test = _own_test(case, _FIXTURES_TEST, _FIXTURES_TEST_OF_NODE)
    service = Service(probe, case.brief)
    run = service.tests(place, _environment(), {place: test})
    _check_collection("fixtures", run)
    if run.failed:
        name, message = next(iter(run.failed.items()))
        raise Refuted("fixtures", f"{name.split('::')[-1]}: {message}")


def judge_tests(
    case: ComponentCase, probe: ProbeClient, figures: Figures, selection: Selection
) -> None:
    """Run the tests on the application and on broken copies; figures `tests` and `mutants`."""
    copies = [each for each in copies_of(case.kind, case.brief) if selection.has(each.fails)]
    if not copies and not selection.has("collects", "passes"):
        return
    service = Service(probe, case.brief)
    run = service.tests(case.path, _environment(), {})
    figures["tests"] = (len(run.collected) - len(run.failed), len(run.collected))
    _check_collection("collects", run)
    if run.failed and (copies or selection.has("passes")):
        name, message = next(iter(run.failed.items()))
        count = f"{len(run.failed)} of {len(run.collected)} tests failed"
        raise Refuted("passes", f"{count}; {name.split('::')[-1]}: {message}")
    passed = [each for each in copies if _passes(service, case, each.edits(case))]
    # Nobody can notice a copy that is the application itself.
    same = [each for each in passed if not _is_broken(each, case, probe)]
    unnoticed = [each for each in passed if each not in same]
    tried = len(copies) - len(same)
    figures["mutants"] = (tried - len(unnoticed), tried)
    if unnoticed:
        check = unnoticed[0].fails
        names = ", ".join(each.name for each in unnoticed if each.fails == check)
        raise Refuted(check, f"the tests still pass although {names}")
    if selection.has("mutants"):
        _check_each(case, service, copies, run.collected)


def _check_each(
    case: ComponentCase, service: Service, copies: Sequence[BrokenCopy], collected: Sequence[str]
) -> None:
    """Check that each test can fail: on a broken copy, or if no function works while it runs."""
    idle = set(collected)
    wrong: list[tuple[dict[str, str], str]] = [
        ({}, how) for how in (standstill.RAISES, standstill.RETURNS)
    ]
    for edits, how in (*wrong, *((each.edits(case), "") for each in copies)):
        if idle:
            try:
                run = service.tests(case.path, _environment(), edits, standstill=how)
            except (Misbehaved, Raised):  # it hangs or ends, which is not to pass
                return
            idle &= set(run.collected) - run.failed.keys()
    if idle:
        name = next(each for each in collected if each in idle)
        what = "passes on every broken copy, and where no function of the application works"
        raise Refuted("mutants", f"{name.split('::')[-1]} can never fail: it {what}")


def _passes(
    service: Service, case: ComponentCase, edits: Mapping[str, str], path: str = ""
) -> bool:
    run = service.tests(path or case.path, _environment(), edits, stops_early=True)
    return not run.failed and not run.broken


def _is_broken(copy: BrokenCopy, case: ComponentCase, probe: ProbeClient) -> bool:
    """True if the judge's own checks hold for the application, and not for a copy."""
    holds = _holds_at_once if copy.shown_by == (LOAD,) else partial(_holds, copy.shown_by)
    return holds(case, probe, {}) is True and holds(case, probe, copy.edits(case)) is False


def _holds(
    runs: tuple[str, ...], case: ComponentCase, probe: ProbeClient, edits: Mapping[str, str]
) -> bool | None:
    """True if checks over HTTP find nothing; None if nobody answers."""
    api = Api(Service(probe, case.brief, edits), case.brief, {**case.files, **edits})
    try:
        api.boot()
        api.log_in()
        for run in runs:
            RUNS[run](api)
    except Refuted:
        return False
    except TimedOut:
        raise
    except (Misbehaved, Raised):
        return None
    return True


def _holds_at_once(case: ComponentCase, probe: ProbeClient, edits: Mapping[str, str]) -> bool:
    """True if requests at the same time are answered."""
    place, test = _own_test(case, _LOAD_TEST, _LOAD_TEST_OF_NODE)
    return _passes(Service(probe, case.brief), case, {**edits, place: test}, place)


def _own_test(case: ComponentCase, python: str, javascript: str) -> tuple[str, str]:
    """The path and the text of a test of the judge's own, by language and framework."""
    entity = case.brief.entities[0]
    values = {column.name: _EXAMPLES[column.kind] for column in entity.columns}
    if not case.brief.is_python:
        return "tests/fixtures.test.js", javascript.format(table=entity.table)
    test = python.format(table=entity.table, values=values)
    if case.brief.tech_stack.framework == "Django":
        test = test.replace("headers=sent", 'HTTP_AUTHORIZATION=sent["Authorization"]')
    return "tests/test_of_fixtures.py", test


def _check_collection(check: str, run: TestRun) -> None:
    if run.broken or not run.collected:
        raise Refuted(check, "; ".join(run.broken) or "it contains no tests")
