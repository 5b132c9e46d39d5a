"""A cell becomes numbers."""

from collections.abc import Callable

import pytest
from house import House
from scripted_provider import Answer, scripted_provider

from flagbench.headers import CLOSED, OUTCOME
from flagbench.measurement.cell_result import CellResult
from flagbench.report.series_report import SeriesReport
from flagbench.report.text.remarks import warnings
from flagbench.tokenizer import o200k_counter


@pytest.fixture
def cell(house: House) -> Callable[..., CellResult]:
    """Replays one cell of the tiny scenario."""

    def measured(combination: str = "none", trial: int = 1) -> CellResult:
        scenario = house.scenario
        (chosen,) = (one for one in scenario.combinations if one.id == combination)
        return house.runner().cell_runner.cell(scenario, chosen, trial).measurement

    return measured


def test_a_cell_in_numbers(cell: Callable[..., CellResult], house: House) -> None:
    """Every figure of the control's first trial, counted another way."""
    row = cell()
    prompts = [f"{'Take your time. ' * 40}Write Python: {one}" for one in house.scenario.requests]
    assert row.prompt_tokens == sum(
        o200k_counter().count(one) + o200k_counter().count("user") + 3 + 3 for one in prompts
    )
    answers = [
        f'def answer():\n    """Give {one}."""\n    return {len(one)}\n'
        for one in house.scenario.requests
    ]
    assert row.completion_tokens == sum(o200k_counter().count(one) for one in answers)
    assert row.tokens == row.prompt_tokens + row.completion_tokens
    assert row.seconds == round(sum(1 + len(one) / 1000 for one in prompts), 6)
    assert row.usd == round((row.prompt_tokens * 0.15 + row.completion_tokens * 0.6) / 1e6, 8)
    assert (row.calls, row.requests, row.failed_calls, row.cut_off_calls) == (3, 3, {}, 0)
    assert row.rates == {"short_rate": (0, 3), "approval_rate": (3, 3)}
    assert row.flags == {"short": "false", "parallel": "false"}
    assert row.tokenizer == "o200k_base"
    assert row.events == {"written": 3}


def test_the_groups_add_up(cell: Callable[..., CellResult]) -> None:
    """By agent, by phase and by request, each is the whole."""
    row = cell()
    assert list(row.by_agent) == ["writer"]
    assert list(row.by_phase) == ["generate"]
    assert list(row.by_request) == ["tiny-0", "tiny-1", "tiny-2"]
    for groups in (row.by_agent, row.by_phase, row.by_request):
        assert sum(one.calls for one in groups.values()) == row.calls
        assert sum(one.prompt_tokens for one in groups.values()) == row.prompt_tokens
        assert sum(one.completion_tokens for one in groups.values()) == row.completion_tokens
        assert sum(one.seconds for one in groups.values()) == pytest.approx(row.seconds)


def test_parallel_calls_overlap(cell: Callable[..., CellResult]) -> None:
    """The cell takes as long as its longest call; the calls' own seconds stay the same."""
    row, control = cell("parallel"), cell()
    assert row.seconds == 1.686
    assert row.by_agent["writer"].seconds == control.seconds == 5.051
    assert row.tokens == control.tokens


def test_the_digest_of_calls_tells_calls_apart_and_not_their_order(
    cell: Callable[..., CellResult],
) -> None:
    """Other prompts are other calls; the same ones at once are the same."""
    assert len(cell().calls_digest) == 64
    assert cell("parallel").calls_digest == cell().calls_digest == cell(trial=2).calls_digest
    assert cell("short").calls_digest != cell().calls_digest


def test_usage_that_differs_is_in_the_ledger(empty_house: House) -> None:
    """The provider counts ten tokens more a prompt and one less an answer than we do."""

    def counted(asked: object) -> Answer:
        content = "def answer(): ..."
        (message,) = asked.body["messages"]
        prompt = 7 + o200k_counter().count(message["content"])
        return Answer(content, usage=(prompt + 10, o200k_counter().count(content) - 1))

    with scripted_provider(counted) as provider:
        empty_house.record(provider.base_url)
    scenario = empty_house.scenario
    series = empty_house.runner().series(scenario, scenario.control)
    for one in series.cells:
        assert one.measurement.usage_difference == {"prompt_tokens": 30, "completion_tokens": -3}
    row = series.cells[0].measurement
    told = warnings([report(row)])
    counted = f"{row.prompt_tokens:,}"
    assert told[0] == f"the provider reports +30 prompt tokens relative to the {counted} counted"
    assert "-3 completion tokens" in told[1]


def report(row: CellResult) -> SeriesReport:
    """A report of one series with this one cell."""
    return SeriesReport(
        scenario="tiny", title="t", path="p", provider="simulated", model="m", requests=3,
        trials=1, combination="none", place=0, declared=["none"], is_own_design=True,
        outcome="KEPT", cells=[row],
    )  # fmt: skip


def test_usage_as_we_count_and_no_usage_are_no_difference(
    cell: Callable[..., CellResult],
) -> None:
    """The scripted answers say nothing of usage."""
    row = cell()
    assert row.usage_difference == {"prompt_tokens": 0, "completion_tokens": 0}
    assert warnings([report(row)]) == []


def test_usage_of_answers_without_text_is_told(empty_house: House) -> None:
    """A model that thinks and says nothing: used 5, counted 0."""
    with scripted_provider(lambda _: Answer("", usage=(50, 5))) as provider:
        empty_house.record(provider.base_url, trials=1)
    scenario = empty_house.scenario
    cell = empty_house.runner().cell_runner.cell(scenario, scenario.control, 1)
    assert any("+15 completion tokens" in one for one in warnings([report(cell.measurement)]))


def test_half_a_usage_is_no_difference(empty_house: House) -> None:
    """Some servers tell prompt tokens only."""
    body = b'{"choices": [{"message": {"content": "x y"}}], "usage": {"prompt_tokens": 164}}'
    with scripted_provider(lambda _: Answer(body=body)) as provider:
        empty_house.record(provider.base_url, trials=1)
    scenario = empty_house.scenario
    cell = empty_house.runner().cell_runner.cell(scenario, scenario.control, 1)
    assert cell.measurement.usage_difference["completion_tokens"] == 0


def test_cut_off_and_failed_calls_are_counted(empty_house: House) -> None:
    """A cut-off answer is a call that succeeded; a refused one is not."""

    def answer(asked: object) -> Answer:
        if asked.number == 3:
            return Answer("closed", status=502, headers={OUTCOME: CLOSED})
        if asked.number % 2:
            return Answer("slow down", status=429)
        return Answer("def f", finish_reason="length")

    with scripted_provider(answer) as provider:
        empty_house.record(provider.base_url, trials=1)
    scenario = empty_house.scenario
    row = empty_house.runner().cell_runner.cell(scenario, scenario.control, 1).measurement
    assert (row.calls, row.failed_calls, row.cut_off_calls) == (6, {"429": 2, "closed": 1}, 3)
