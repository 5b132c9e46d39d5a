"""All descendants of a command are seen, and each is waited for."""

import os
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from flagbench.run.command import processes
from flagbench.run.command.processes import Processes, adopting_orphans

pytestmark = pytest.mark.skipif(not processes.can_be_seen(), reason="/proc of Linux")


def test_a_child_whose_parent_ends_during_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is adopted, and works on: it is a member, and not at rest."""
    working = "while :; do :; done & echo $! $$ >&2; wait"
    with adopting_orphans():
        foreign = processes.all_now()
        root = subprocess.Popen(
            ["sh", "-c", 'setsid sh -c "$0" & wait; sleep 60', working],
            stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        seen = Processes(root.pid, foreign)
        assert root.stderr is not None
        child, parent = map(int, root.stderr.readline().split())
        real, looked = processes._ancestry, []

        def as_parent_ends(pid: int) -> tuple[int, int]:
            if not looked:
                looked.append({child: real(child)})
                os.kill(parent, 9)
                while Path(f"/proc/{parent}").exists():
                    pass
            return looked[0].pop(pid, None) or real(pid)

        monkeypatch.setattr(processes, "_ancestry", as_parent_ends)
        try:
            assert [seen.is_at_rest() for _ in range(8)] == [False] * 8
        finally:
            left = seen.end(has_ended=False)
            with suppress(ProcessLookupError):
                os.kill(child, 9)
            root.wait()
            root.stderr.close()
    assert working in "".join(left)
