"""Services of a command: reached through its proxy, recorded and replayed without tokens."""

import json
from pathlib import Path

import pytest
from commands import command_house
from scripted_provider import ScriptedProvider
from served_api import served_api

from flagbench.errors import CouldNotRun

KEY = "a-real-key-of-a-service"
PROGRAM = """
import urllib.error
base = os.environ["SEARCH_URL"]
assert base == os.environ["FLAGBENCH_SERVICE_MY_SEARCH_URL"]
def got(target, data=None):
    headers = {"authorization": "Bearer " + os.environ["SEARCH_KEY"]}
    asked = urllib.request.Request(base + target, data, headers)
    try:
        with urllib.request.urlopen(asked) as answer: return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error: return error.code, ""
seen = [got("/find?q=a%20b"), got("/find", b"{}"), got("/moved"), got("/missing"), got("?q=x")]
ask("0.5")
open("seen.json", "w").write(json.dumps(seen))
"""
SERVICES = """
requests: [x]
services: {{my-search: {{base_url: '{}', env: SEARCH_URL, keys: [SEARCH_KEY]}}}}
"""


def test_a_command_calls_its_services(
    tmp_path: Path, provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a real key in the recording alone; a redirect leads through the proxy, too."""
    monkeypatch.setenv("SEARCH_KEY", KEY)
    with served_api() as api:
        house = command_house(tmp_path, PROGRAM, more=SERVICES.format(api.base_url))
        house.record(provider.base_url, secrets=(KEY,))
        asked = [target for target, _, _ in api.received]
        assert all(headers["authorization"] == f"Bearer {KEY}" for _, headers, _ in api.received)
    cell = house.runner().cell_runner.cell(house.scenario, house.scenario.control, 1)
    row = cell.measurement
    (text,) = cell.texts.values()
    assert [status for status, _ in json.loads(text)] == [200, 200, 200, 404, 200]
    assert len(asked) == 6
    assert (row.calls, row.service_calls, row.services["my-search"].failed) == (1, 6, 1)
    assert row.seconds == pytest.approx(0.5 + row.services["my-search"].seconds)
    assert KEY not in house.cassette().read_text()


def test_a_call_that_is_not_recorded_names_its_service(
    tmp_path: Path, provider: ScriptedProvider
) -> None:
    """As one of a function does."""
    with served_api() as api:
        house = command_house(tmp_path, PROGRAM, more=SERVICES.format(api.base_url))
        house.record(provider.base_url)
    command_house(
        tmp_path, PROGRAM.replace("q=a%20b", "q=other"), more=SERVICES.format(api.base_url)
    )
    with pytest.raises(CouldNotRun, match="//my-search/find"):
        house.runner().cell_runner.cell(house.scenario, house.scenario.control, 1)
