"""An exception of a subject as a problem: with the subject's own line, and what it met."""

import traceback
from collections.abc import Sequence

from flagbench.cassette import store
from flagbench.errors import Problem, described
from flagbench.installed_files import is_installed
from flagbench.run.cell_run import Call
from flagbench.scenario.loading import Scenario
from flagbench.simulator.settings import SIMULATED
from flagbench.subject_loading import entry_module

_EXPECTED = "a subject that returns: a file that it failed to make is an artifact without approval"
_REFUSED = 400  # the least status of an answer that clients raise for


def problem_of(error: BaseException, scenario: Scenario, calls: Sequence[Call]) -> Problem:
    """The problem of an exception: what was raised, and the last line of the subject's own code.

    Where the latest answer is a refusal, the fix asks for another one: it stays as it is recorded.
    The simulated provider would say the same again.
    """
    if isinstance(error, RuntimeError) and isinstance(error.__cause__, StopIteration):
        error = error.__cause__  # Python lets none leave a coroutine, nor a thread's future
    what, fix = f"the subject raised {described(error)}", ""
    status = calls[-1].interaction.status if calls else 0
    if status >= _REFUSED and scenario.provider != SIMULATED:
        what += f"; the latest answer, as it is recorded, has the status {status}"
        again = f"{store.record_command(scenario)} --fresh"
        fix = f"{again} (asks for everything again), or a subject that retries"
    return Problem(what, _place(error, scenario.subject), _EXPECTED, fix)


def _place(error: BaseException, subject: str) -> str:
    """The file and line of the last frame in code of the project, or of an installed subject."""
    package = entry_module(subject).partition(".")[0]
    frames = [
        (frame.f_code.co_filename, line, str(frame.f_globals.get("__name__")))
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    of_project = [
        frame for frame in frames if not (frame[0].startswith("<") or is_installed(frame[0]))
    ]
    of_subject = [frame for frame in frames if frame[2].partition(".")[0] == package]
    chosen: Sequence[tuple[str, int, str]] = of_project or of_subject or frames
    path, line, _ = chosen[-1]
    return f"{path}:{line}"
