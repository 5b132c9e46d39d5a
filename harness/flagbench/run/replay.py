"""Replay of a cell of a scenario from its cassette."""

from flagbench.cassette import mismatch, store
from flagbench.cassette.cassette import Cassette
from flagbench.cassette.vcr_adapter import FindCounterpart, SentRequest, replaying
from flagbench.errors import CouldNotRun
from flagbench.http_library import httpx
from flagbench.run.cell import CellRun, run_cell
from flagbench.run.counterfactual import RECORDED, Counterfactual
from flagbench.scenario.designs import Combination
from flagbench.scenario.loading import Scenario

# A replay connects to nothing; the name makes a stray request recognisable.
_BASE_URL = "http://provider/v1"


def replay_cell(
    scenario: Scenario,
    combination: Combination,
    trial: int,
    cassette: Cassette,
    *,
    wire: httpx.HTTPTransport,
    counterfactual: Counterfactual = RECORDED,
    counterpart: FindCounterpart | None = None,
) -> CellRun:
    """Run a cell from the cassette of its trial. Raises `CouldNotRun` or `InputError`.

    With `counterpart`, the replay is provisional: what this finds answers where nothing is
    recorded.
    """
    where = f"{scenario.path}::{combination.id} trial {trial}"

    def explain(cassette: Cassette, request: SentRequest) -> CouldNotRun:
        command = store.record_command(scenario)
        return mismatch.explain(cassette, request, where=where, record_command=command)

    return run_cell(
        scenario.tested,
        scenario.requests,
        scenario.environment(combination),
        model=scenario.model,
        opened=replaying(cassette, _BASE_URL, explain, scenario.services, counterpart),
        base_url=_BASE_URL,
        api_key="replay",
        trial=trial,
        wire=wire,
        counterfactual=counterfactual,
        services=scenario.services,
    )
