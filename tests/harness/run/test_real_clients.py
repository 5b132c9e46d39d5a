"""Real SDKs: recorded from a server that answers as their vendor, replayed without it."""

import importlib.util
import sys
from collections.abc import Callable

import pytest
from client_calls import CALLS, Call
from house import House
from scripted_provider import scripted_provider
from vendors import KEY, answer

# Times of a threaded or retrying SDK must not depend on this.
SECONDS_OF_A_CALL = 1.0


def subject_of(call: Call) -> str:
    """A module whose subject makes the call."""
    kind = "async def" if call.is_async else "def"
    lines = "".join(f"    {line}\n" for line in call.code.strip().splitlines())
    return f"SAID = []\n\n{kind} run(requests, base_url):\n{lines}    SAID.append(said)\n"


def written(house: House, subject_module: Callable[[str], str], call: Call) -> str:
    """The scenario with this call as its subject, and the name of its module."""
    dotted = subject_module(subject_of(call))
    house.edit("tiny.write\n", f"{dotted}\nfactors: {{short: {{env: S}}}}\n")
    house.edit("trials: 2", "trials: 1")
    house.edit('targets:\n  all:\n    token_reduction: ">= 20 %"\n', "targets:\n  all:\n")
    return dotted.rpartition(".")[0]


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_client_is_recorded_and_replayed(
    empty_house: House, subject_module: Callable[[str], str], call: Call
) -> None:
    """The same text, tokens and second; the key is where the SDK puts it, and in no file."""
    package = call.packages.partition(".")[0]
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{call.packages} is not installed: make clients")
    module = written(empty_house, subject_module, call)
    with scripted_provider(answer) as provider:
        empty_house.record(provider.base_url, trials=1, api_key=KEY)
    scenario = empty_house.scenario
    said = sys.modules[module].SAID
    row = empty_house.runner().cell_runner.cell(scenario, scenario.control, 1).measurement
    assert len(provider.received) == 1
    assert said == [call.said] * len(said)
    assert (row.calls, row.seconds) == (1, SECONDS_OF_A_CALL)
    assert row.tokens == call.tokens if call.tokens else row.tokens > 0
    files = [path for path in empty_house.path.rglob("*") if path.is_file()]
    assert [path for path in files if KEY.encode() in path.read_bytes()] == []
