"""Replay of a cell of a scenario from its cassette."""

from flagbench.cassette import mismatch
from flagbench.cassette.cassette import Cassette
from flagbench.cassette.vcr_adapter import FindCounterpart, replaying
from flagbench.http_library import httpx
from flagbench.run.cell import run_cell
from flagbench.run.cell_run import CellRun
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
    explain = mismatch.explainer(scenario, combination, trial)
    return run_cell(
        scenario,
        combination,
        trial,
        opened=replaying(cassette, _BASE_URL, explain, scenario.services, counterpart),
        base_url=_BASE_URL,
        api_key="replay",
        wire=wire,
        counterfactual=counterfactual,
    )
