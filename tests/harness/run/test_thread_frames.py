"""The frames of a thread, taken from another one."""

import sys
import threading
import traceback
from collections.abc import Callable

from flagbench.run.thread_frames import frames_of


def _nested(depth: int, end: Callable[[], object]) -> None:
    if depth:
        _nested(depth - 1, end)
    else:
        end()


def test_they_are_all_of_them_from_the_innermost() -> None:
    """As the thread itself would walk through them."""
    seen: list[str] = []
    may_end, is_there = threading.Event(), threading.Event()

    def end() -> None:
        seen.extend(frame.f_code.co_name for frame, _ in traceback.walk_stack(sys._getframe()))
        is_there.set()
        may_end.wait()

    thread = threading.Thread(target=_nested, args=(5, end))
    thread.start()
    is_there.wait()
    names: list[str] = []
    while not names or names[0] != "wait":  # it may not have come so far
        names = [frame.f_code.co_name for frame in frames_of(thread.ident or 0)]
        names = names[names.index("wait") if "wait" in names else 0 :]
    may_end.set()
    thread.join()
    assert names.count("_nested") == 6
    assert names[names.index("end") :] == seen
    assert frames_of(thread.ident or 0) == []


def test_a_thread_that_runs_has_frames_at_any_time() -> None:
    """Whatever it calls meanwhile."""
    is_over = threading.Event()

    def work() -> None:
        while not is_over.is_set():
            _nested(20, lambda: None)

    thread = threading.Thread(target=work)
    thread.start()
    for _ in range(2000):
        names = [frame.f_code.co_name for frame in frames_of(thread.ident or 0)]
        assert names[-1] == "_bootstrap"
        assert names.count("_nested") <= 21
    is_over.set()
    thread.join()
