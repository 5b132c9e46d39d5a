"""A request in flight holds a signal back, and leaves the alarm of the subject alone."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from flagbench.run.interrupts import (
    GRACE_SECONDS,
    Interrupted,
    after_the_answer,
    interruptible,
)

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer")
FAR_SECONDS = 3600.0


@pytest.fixture
def came() -> Iterator[list[int]]:
    """The signals that came to the handlers of a subject, which are taken away after the test."""
    numbers = list[int]()
    handled = (signal.SIGALRM, signal.SIGTERM)
    before = {each: signal.signal(each, lambda n, _: numbers.append(n)) for each in handled}
    yield numbers
    signal.setitimer(signal.ITIMER_REAL, 0)
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("ended", [False, True], ids=["alone", "with a signal"])
def test_the_subjects_own_timer_survives_a_call(came: list[int], ended: bool) -> None:
    """Its handler, the time that is left, and its interval; the signal acts after the answer."""
    own = signal.getsignal(signal.SIGALRM)
    signal.setitimer(signal.ITIMER_REAL, FAR_SECONDS, 7.0)
    with after_the_answer("POST /x") as arrived:
        if ended:
            signal.raise_signal(signal.SIGTERM)
            assert came == []
        arrived()
        left, interval = signal.getitimer(signal.ITIMER_REAL)
        assert (left > FAR_SECONDS / 2, interval) == (True, 7.0)
    assert signal.getsignal(signal.SIGALRM) is own
    assert signal.getitimer(signal.ITIMER_REAL)[0] > FAR_SECONDS / 2
    assert came == [signal.SIGTERM] * ended


def test_an_alarm_that_fires_while_a_request_is_in_flight_is_the_subjects(came: list[int]) -> None:
    """The request goes on, and nothing of the answer is lost."""
    with after_the_answer("POST /x") as arrived:
        signal.raise_signal(signal.SIGALRM)
        arrived()
    assert came == [signal.SIGALRM]


def test_the_documented_grace_is_the_one_in_force() -> None:
    """The page and the changelog of the grace name the seconds of the code."""
    page = Path(__file__).parents[3] / "docs" / "reliability.md"
    assert f"waits up to {GRACE_SECONDS:g} s for the answer in flight" in page.read_text("utf-8")


def test_what_is_kept_is_what_the_command_says() -> None:
    """Also after a request in flight, which does not know what it is sent for."""
    with pytest.raises(Interrupted) as ended, interruptible("the answers are shown"):
        raise Interrupted(signal.SIGINT, "POST /x")
    assert str(ended.value).startswith("interrupted; the answers are shown\n")
    assert "POST /x" in str(ended.value)
    assert str(Interrupted(signal.SIGINT, kept="")) == "interrupted"


@pytest.mark.parametrize("in_flight", [False, True], ids=["alone", "beside a request"])
def test_a_fork_of_the_subject_ends_by_its_signal(in_flight: bool) -> None:
    """As any process does, which the command does not interrupt."""
    ready, told = os.pipe()
    with interruptible(), after_the_answer("POST /x") if in_flight else nullcontext():
        child = os.fork()
        if child == 0:
            try:
                os.write(told, b"!")
                time.sleep(30)
            finally:
                os._exit(0)
        os.read(ready, 1)
        os.kill(child, signal.SIGTERM)
        _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGTERM
