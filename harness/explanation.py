"""What a series does otherwise than when it was accepted, from the files that tell both."""

from collections.abc import Callable, Sequence
from pathlib import Path

from harness import accepted_steps, prompts
from harness.steps import Step
from harness.tape import Tape
from harness.why import Cause, explain


class Accepted:
    """The accepted steps of scenarios, each file read once; most runs need none."""

    def __init__(self, baselines: Path) -> None:
        self._baselines = baselines
        self._steps: dict[str, accepted_steps.Steps] = {}

    def left(
        self,
        scenario: str,
        combination: str,
        measured: Sequence[Step],
        tape_of: Callable[[int], Tape],
    ) -> tuple[Cause, ...]:
        """Why a series left its baseline; `tape_of` gives a trial's recording as it is now.

        Raises `InputError` for a file of steps that is damaged.
        """
        path = accepted_steps.path_of(self._baselines, scenario)
        if scenario not in self._steps:
            self._steps[scenario] = accepted_steps.load(path)
        accepted = self._steps[scenario].get(combination)
        if accepted is None:
            return (Cause(f"{path} does not tell how it was when it was accepted"),)
        return explain(
            accepted,
            measured,
            lambda one: prompts.once_sent(tape_of(one.trial), one.digest, path),
            lambda one: prompts.sent(tape_of(one.trial), one.digest),
        )
