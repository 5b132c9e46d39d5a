"""Judges of generated tests: they pass on the application, and fail on broken copies of it."""

from collections.abc import Mapping

from flagbench.acceptance.enterprise.api import ADMIN, AUDITOR, CLERK, PORT
from flagbench.acceptance.enterprise.case import ComponentCase
from flagbench.acceptance.enterprise.probe_client import Service, TestRun
from flagbench.acceptance.probe_client import ProbeClient
from flagbench.acceptance.proof import Figures, Refuted
from flagbench.acceptance.selection import Selection

# A suite that catches fewer than half of the broken copies tests little.
MUTANTS_SHARE = 0.5
_SERVICES, _AUTHORIZATION = "core/services/services.py", "security/auth/authorization.py"
_AUTHENTICATION = "security/auth/authentication.py"
_PROBE, _PROBE_OF_NODE = "tests/test_of_fixtures.py", "tests/fixtures.test.js"

# What is appended to a file to break the application: name -> (path, text).
_OF_ROWS: Mapping[str, tuple[str, str]] = {
    "rows are not listed": (_SERVICES, "\n\ndef list_rows(entity):\n    return []\n"),
    "changes are not stored": (
        _SERVICES,
        "\n\ndef update_row(entity, row_id, values):\n"
        "    return {**get_row(entity, row_id), **values}\n",
    ),
    "rows are not deleted": (
        _SERVICES,
        "\n\ndef delete_row(entity, row_id):\n    get_row(entity, row_id)\n",
    ),
    "any values are valid": (
        _SERVICES,
        "\n\n_create = create_row\n\n\ndef create_row(entity, values):\n    try:\n"
        "        return _create(entity, values)\n    except Exception:\n"
        '        return {"id": 1}\n',
    ),
}
_OF_REQUESTS: Mapping[str, tuple[str, str]] = {
    "every role may do everything": (
        _AUTHORIZATION,
        '\n\ndef allowed(user, method, path=""):\n    return True\n',
    ),
    "nobody needs a token": (
        _AUTHENTICATION,
        "\n\ndef current_user(header):\n    from core.config.settings import settings\n"
        "    user = next(iter(settings.users.values()))\n"
        '    return {"username": user.username, "role": user.role}\n',
    ),
}
_OF_LOAD: Mapping[str, tuple[str, str]] = {
    "reads fail": (
        _SERVICES,
        "\n\ndef list_rows(entity):\n    raise RuntimeError('broken')\n\n\n"
        "def get_row(entity, row_id):\n    raise RuntimeError('broken')\n",
    ),
}
BROKEN: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "unit": _OF_ROWS,
    "integration": {**_OF_ROWS, **_OF_REQUESTS},
    "performance": _OF_LOAD,
}
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


# The same of an application in JavaScript.
_BROKEN_OF_NODE: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "unit": (_ROWS_OF_NODE := {
        "rows are not listed": (_SERVICES, "module.exports.listRows = () => [];"),
        "changes are not stored": (
            _SERVICES,
            "module.exports.updateRow = (entity, id, values) =>"
            " ({ ...module.exports.getRow(entity, id), ...values });",
        ),
        "rows are not deleted": (
            _SERVICES,
            "module.exports.deleteRow = (entity, id) => { module.exports.getRow(entity, id); };",
        ),
        "any values are valid": (
            _SERVICES,
            "{ const create = module.exports.createRow; module.exports.createRow ="
            " (entity, values) => { try { return create(entity, values); }"
            " catch { return { id: 1 }; } }; }",
        ),
    }),
    "integration": {
        **_ROWS_OF_NODE,
        "every role may do everything": (_AUTHORIZATION, "module.exports.allowed = () => true;"),
        "nobody needs a token": (
            _AUTHENTICATION,
            "module.exports.currentUser = () => ({ username: 'alice', role: 'admin' });",
        ),
    },
    "performance": {
        "reads fail": (
            _SERVICES,
            "module.exports.listRows = module.exports.getRow ="
            " () => { throw new Error('broken'); };",
        ),
    },
}  # fmt: skip


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
    entity = case.brief.entities[0]
    values = {column.name: _EXAMPLES[column.kind] for column in entity.columns}
    test = _FIXTURES_TEST.format(table=entity.table, values=values)
    place = _PROBE
    if not case.brief.is_python:
        place, test = _PROBE_OF_NODE, _FIXTURES_TEST_OF_NODE.format(table=entity.table)
    if case.brief.tech_stack.framework == "Django":
        test = test.replace("headers=sent", 'HTTP_AUTHORIZATION=sent["Authorization"]')
    service = Service(probe, case.brief)
    run = service.tests(place, _environment(), {place: test}, stops_early=False)
    _check_collection("fixtures", run)
    if run.failed:
        name, message = next(iter(run.failed.items()))
        raise Refuted("fixtures", f"{name.split('::')[-1]}: {message}")


def judge_tests(
    case: ComponentCase, probe: ProbeClient, figures: Figures, selection: Selection
) -> None:
    """Run the tests on the application and on broken copies; figures `tests` and `mutants`."""
    service = Service(probe, case.brief)
    broken = (BROKEN if case.brief.is_python else _BROKEN_OF_NODE)[case.kind]
    if not selection.has("collects", "passes", "mutants"):
        return
    run = service.tests(case.path, _environment(), {}, stops_early=False)
    figures["tests"] = (len(run.collected) - len(run.failed), len(run.collected))
    _check_collection("collects", run)
    if run.failed and selection.has("passes", "mutants"):
        name, message = next(iter(run.failed.items()))
        count = f"{len(run.failed)} of {len(run.collected)} tests failed"
        raise Refuted("passes", f"{count}; {name.split('::')[-1]}: {message}")
    if not selection.has("mutants"):
        return
    passed = [
        name for name, (path, text) in broken.items() if not _is_caught(service, case, path, text)
    ]
    figures["mutants"] = (len(broken) - len(passed), len(broken))
    if len(broken) - len(passed) < MUTANTS_SHARE * len(broken):
        raise Refuted("mutants", f"the tests still pass although {', '.join(passed)}")


def _is_caught(service: Service, case: ComponentCase, path: str, text: str) -> bool:
    if not case.brief.is_python:
        path = f"{path.removesuffix('.py')}.js"
    replaced = {path: case.files.get(path, "") + text}
    run = service.tests(case.path, _environment(), replaced, stops_early=True)
    return bool(run.failed or run.broken)


def _check_collection(check: str, run: TestRun) -> None:
    if run.broken or not run.collected:
        raise Refuted(check, "; ".join(run.broken) or "it contains no tests")
