"""Plans: waves from what agents need, and the order of working alone."""

import pytest

from flagbench_generators.crud.agents import CRUD
from flagbench_generators.kernel.pipeline import Agent
from flagbench_generators.kernel.waves import one_by_one, waves


def agent(kind: str, *needs: str) -> Agent:
    """An agent of whom only the needs matter."""
    return Agent(kind=kind, role="", task="", path="{module}", heading=kind, needs=needs)


def kinds(planned: list[list[Agent]]) -> list[list[str]]:
    """The plan by kind."""
    return [[one.kind for one in wave] for wave in planned]


def test_the_crud_pipeline_has_three_waves() -> None:
    """Backend needs database, tests need backend, frontend needs neither."""
    assert kinds(waves(CRUD.agents)) == [["database", "frontend"], ["backend"], ["tests"]]


def test_alone_the_agents_keep_the_pipelines_order() -> None:
    """The plain pipeline: one after the other."""
    assert kinds(one_by_one(CRUD.agents)) == [["database"], ["backend"], ["frontend"], ["tests"]]


def test_a_wave_keeps_the_pipelines_order() -> None:
    """No set decides who is asked first: calls are in the same order in every run."""
    agents = [agent(name) for name in "zyxwvutsrq"]
    assert kinds(waves(agents)) == [list("zyxwvutsrq")]


@pytest.mark.parametrize("plan", [waves, one_by_one])
def test_an_unknown_need_is_an_error(plan: object) -> None:
    """Named, in both orders of work."""
    with pytest.raises(ValueError, match="agents need schema, which no agent makes"):
        plan([agent("backend", "schema")])  # type: ignore[operator]


@pytest.mark.parametrize("plan", [waves, one_by_one])
def test_a_circle_is_an_error(plan: object) -> None:
    """Nobody could begin."""
    with pytest.raises(ValueError, match="in a cycle"):
        plan([agent("a", "b"), agent("b", "a")])  # type: ignore[operator]


def test_alone_nobody_works_before_what_they_need() -> None:
    """A pipeline that lists its agents in an impossible order says so at the start."""
    with pytest.raises(ValueError, match="backend is listed before database, which it needs"):
        one_by_one([agent("backend", "database"), agent("database")])
