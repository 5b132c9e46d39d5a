"""A `flagbench record` of its own process, to be ended from outside."""

import os
import subprocess
import sys
import threading

from house import EXAMPLES, House
from scripted_provider import Answer, Received, Script, in_words

# Longer than anything here takes, and less than the two minutes that a provider is given.
SOON_SECONDS = 100

# What a recorder waits for an answer in flight, here and in the tests' own process.
GRACE_SECONDS = 0.5


class Recorder:
    """A `flagbench record` of its own process, and session, against a scripted provider."""

    def __init__(self, house: House, base_url: str, *arguments: str) -> None:
        (house.path / "harness_main.py").write_text(
            "from flagbench.cli.main import main\nfrom flagbench.run import interrupts\n"
            f"interrupts.GRACE_SECONDS = {GRACE_SECONDS}\nif __name__ == '__main__':\n    main()\n"
        )
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "harness_main", "record", "scenarios",
                "--provider", "scripted", "--base-url", base_url, "--yes", *arguments,
            ],
            cwd=house.path,
            env={
                **os.environ, "OPENAI_API_KEY": "some-key",
                "PYTHONPATH": os.pathsep.join([str(EXAMPLES), str(house.path)]),
            },
            stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip

    def ended(self) -> tuple[int, list[str]]:
        """Its exit code and what it said, without the blank lines of a bar that is gone."""
        _, said = self.process.communicate(timeout=SOON_SECONDS)
        return self.process.returncode, [line for line in said.splitlines() if line.strip()]


class Hanging:
    """A script that answers so many requests and never the next; `reached` is set then."""

    def __init__(self, answers: int, script: Script = in_words) -> None:
        self.answers = answers
        self.script = script
        self.reached = threading.Event()

    def __call__(self, asked: Received) -> Answer:
        """Answer, or say that the last one is reached and hang."""
        if asked.number <= self.answers:
            return self.script(asked)
        self.reached.set()
        return Answer(hangs=True)


class Slow:
    """A script whose second answer comes after `release`; `reached` is set when it is asked for."""

    def __init__(self) -> None:
        self.reached, self.release = threading.Event(), threading.Event()

    def __call__(self, asked: Received) -> Answer:
        """Answer, the second time late."""
        if asked.number == 2:
            self.reached.set()
            assert self.release.wait(SOON_SECONDS)
        return in_words(asked)
