"""Real SDKs: recorded from a server that answers as their vendor, replayed without it."""

import importlib.util
import sys
from collections.abc import Callable
from importlib.metadata import version

import pytest
from click.testing import CliRunner
from client_calls import CALLS, Call
from house import House
from packaging.version import Version
from sampled import sampled
from scripted_provider import scripted_provider
from vendors import KEY, answer

from flagbench.cli.main import cli
from flagbench.errors import InputError

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


def skip_without(call: Call) -> None:
    """Skip a test whose package is not installed."""
    try:  # `google` is a namespace that other packages are in, too
        is_installed = importlib.util.find_spec(call.packages) is not None
    except ModuleNotFoundError:
        is_installed = False
    if not is_installed:
        pytest.skip(f"{call.packages} is not installed: make clients")
    if call.since != "0" and Version(version(call.packages)) < Version(call.since):
        pytest.skip(f"{call.packages} has it since {call.since}")


@pytest.mark.parametrize("call", sampled(CALLS.values(), 12), ids=CALLS)
def test_a_client_is_recorded_and_replayed(
    empty_house: House, subject_module: Callable[[str], str], call: Call
) -> None:
    """The same text, tokens and second; the key is where the SDK puts it, and in no file."""
    skip_without(call)
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


# One call of each kind that the simulated provider does not know.
UNFORESEEN = (
    "openai: parse", "openai: Responses", "openai: embeddings", "openai: Azure",
    "anthropic: sync", "google-genai: async", "pydantic-ai: typed output",
)  # fmt: skip


@pytest.mark.parametrize("name", UNFORESEEN)
def test_a_forecast_that_is_not_possible_is_told_and_nothing_is_asked_before_the_yes(
    empty_house: House,
    subject_module: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    """Without a yes the server hears nothing; with it the recording goes on."""
    skip_without(CALLS[name])
    written(empty_house, subject_module, CALLS[name])
    monkeypatch.chdir(empty_house.path)
    for variable in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.setenv(variable, KEY)
    words = ["record", "scenarios/tiny.yaml", "--provider", "p", "--base-url"]
    with scripted_provider(answer) as provider:
        asked = CliRunner().invoke(cli, [*words, provider.base_url], standalone_mode=False)
        assert "the cost is unknown" in asked.output
        assert isinstance(asked.exception, InputError)
        assert provider.received == []
        done = CliRunner().invoke(cli, [*words, provider.base_url, "--yes"], standalone_mode=False)
    assert done.exception is None, done.output
    assert "recorded 1 requests" in done.output
    assert len(provider.received) == 1
