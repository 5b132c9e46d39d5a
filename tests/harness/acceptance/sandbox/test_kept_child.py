"""A child that is kept answers as a child of its own would."""

from collections.abc import Iterator

import pytest
from attacks import EXECUTOR, LIMITS, WARM

from flagbench.acceptance.sandbox import kept_child
from flagbench.acceptance.sandbox.errors import Misbehaved, Raised
from flagbench.acceptance.sandbox.sandbox import Sandbox

COUNT = "import sys\nsys.asked = result = getattr(sys, 'asked', 0) + 1"
FAILS_IF_USED = {
    "raises": f"{COUNT}\nif result > 1: raise ValueError('used')",
    "ends": f"{COUNT}\nimport os\nif result > 1: os._exit(3)",
    "fills memory": f"{COUNT}\nif result > 1: x = bytes(1 << 40)",
}


@pytest.fixture
def own() -> Iterator[Sandbox]:
    """A sandbox with no other children."""
    with Sandbox(WARM, limits=LIMITS) as sandbox:
        yield sandbox


def ask(sandbox: Sandbox, code: str, **files: str) -> object:
    """Ask the kept child."""
    return sandbox.kept(EXECUTOR).ask({"code": code}, files)


def count(sandbox: Sandbox, number: int) -> object:
    """Ask for the number of commands of the child, with a file that no other command has."""
    return ask(sandbox, COUNT, **{f"{number}.py": ""})


def test_an_equal_command_is_answered_from_memory(own: Sandbox) -> None:
    """Unless its files differ; whoever changes an answer changes a copy."""
    code = f"{COUNT}\nresult = [result]"
    first = ask(own, code, **{"a.py": "1"})
    assert isinstance(first, list)
    first.append(0)
    assert [ask(own, code, **{"a.py": text}) for text in ("1", "2", "1")] == [[1], [2], [1]]


def test_it_is_kept_for_a_number_of_commands(own: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then another one begins, because limits are for a whole life."""
    monkeypatch.setattr(kept_child, "_MOST_COMMANDS", 3)
    assert [count(own, number) for number in range(7)] == [1, 2, 3, 1, 2, 3, 1]


@pytest.mark.parametrize("code", FAILS_IF_USED.values(), ids=FAILS_IF_USED)
def test_what_fails_in_a_used_child_is_decided_by_another(own: Sandbox, code: str) -> None:
    """The commands before it are not the artifact's."""
    assert [ask(own, COUNT), ask(own, code)] == [1, 1]


def test_what_fails_in_a_new_child_fails(own: Sandbox) -> None:
    """Whether it was used before or not; the next command finds a child."""
    for number in range(2):
        with pytest.raises(Raised, match="mine"):
            ask(own, "raise ValueError('mine')")
        with pytest.raises(Misbehaved, match="exit code 3"):
            ask(own, "import os\nos._exit(3)")
        assert count(own, number) == 1


def test_a_fork_server_that_ended_is_no_obstacle(
    own: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is started again, and the child with it."""
    monkeypatch.setattr(kept_child, "_MOST_COMMANDS", 10_000)
    assert ask(own, COUNT) == 1
    assert own._server._process is not None
    own._server._process.kill()
    own._server._process.wait()
    # The kernel ends the others a moment later.
    slow = f"{COUNT}\nimport time\ntime.sleep(0.01)"
    assert any(ask(own, slow, **{f"{number}.py": ""}) == 1 for number in range(500))


def test_files_stay_in_the_folder(own: Sandbox) -> None:
    """A path that leads out of it does not reach the child."""
    with pytest.raises(Misbehaved, match="leads out of its directory"):
        ask(own, "result = 1", **{"../a.py": ""})
