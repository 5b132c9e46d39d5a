"""Time and what else differs from run to run: waits, clocks, randomness, threads, the network."""

from collections.abc import Callable

from case import COULD_NOT_RUN, Case, Seen
from odd_times import ADDRESS, SLEPT_SECONDS
from provider.times import SHORT_WAIT_SECONDS, WAIT_SECONDS

from rows.bodies import wrote
from rows.figures import between


def seconds(least: float, most: float) -> Callable[[Seen], str]:
    """Check the virtual seconds of every cell."""
    return between("seconds", least, most)


def same_seconds(seen: Seen) -> str:
    """The virtual seconds of the cells if they differ, "" if they are equal."""
    measured = {name: cell.seconds for name, cell in seen.cells.items()}
    return "" if len(set(measured.values())) == 1 else f"seconds differ: {measured}"


CASES = (
    # A retry waits as long as it must, which is the same in every replay.
    Case("retry-date", "odd_times.retried", "m-retry-date",
         check=seconds(WAIT_SECONDS - 1, WAIT_SECONDS + 2)),
    Case("retry-seconds", "odd_times.retried", "m-retry-seconds",
         check=seconds(SHORT_WAIT_SECONDS, SHORT_WAIT_SECONDS + 1)),
    Case("retry-500", "odd_times.retried", "m-500", check=seconds(0.5, 5)),
    # Prompts that would differ from run to run.
    Case("stamped", "odd_times.stamped", "m-plain", check=wrote("plain answer")),
    Case("placed", "odd_times.placed", "m-plain", check=wrote("plain answer")),
    Case("same-six-times", "odd_times.same_six_times", "m-numbered",
         check=wrote(" | ".join(f"answer {number}" for number in range(1, 7)))),
    # A sleep costs virtual seconds and no real ones; work costs real seconds only.
    Case("sleep", "odd_times.sleeping", "m-plain", check=seconds(SLEPT_SECONDS, SLEPT_SECONDS + 1)),
    Case("thread", "odd_times.working", "m-plain", check=same_seconds),
    # Past the client.
    Case("child", "odd_times.child", "m-plain", verdict=COULD_NOT_RUN,
         says=["-c 'import urllib.request; ", f"tried to reach {ADDRESS}"]),
    Case("elsewhere", "odd_times.elsewhere", "m-plain", verdict=COULD_NOT_RUN,
         says=[f"the subject sent GET http://{ADDRESS}/, which is not its provider"]),
    Case("past-the-client", "odd_times.past_the_client", "m-plain"),
)  # fmt: skip
