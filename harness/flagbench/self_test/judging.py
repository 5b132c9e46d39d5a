"""Judgement of what was said of a change: the answer, and the place of the right cause."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from flagbench.self_test.catalogue import Case, Expect
from flagbench.self_test.observation import Observation
from flagbench.verdict.verdict import Outcome


class Answer(StrEnum):
    """The strongest answer of some series, in this order; ERROR is a run that ended without any."""

    ERROR = "error"
    CAUGHT = "caught"
    PROVISIONAL = "provisional"
    REMARKED = "remarked"
    NOTHING = "nothing"


_OUTCOMES = {
    Outcome.BROKEN: Answer.CAUGHT,
    Outcome.COULD_NOT_RUN: Answer.CAUGHT,
    Outcome.PROVISIONAL: Answer.PROVISIONAL,
}
_EXPECTED = {
    Expect.CAUGHT: Answer.CAUGHT,
    Expect.PROVISIONAL: Answer.PROVISIONAL,
    Expect.REMARKED: Answer.REMARKED,
    Expect.INVISIBLE: Answer.NOTHING,
    Expect.HARMLESS: Answer.NOTHING,
}


@dataclass(frozen=True, slots=True)
class Result:
    """The answer that a case got; `place` is that of the right cause among the lines, from 1."""

    case: Case
    observations: Sequence[Observation]
    answer: Answer
    place: int | None

    @property
    def is_regression(self) -> bool:
        """True unless the change is harmless."""
        return self.case.expect is not Expect.HARMLESS

    @property
    def is_detected(self) -> bool:
        """True if anything was said."""
        return self.answer not in (Answer.NOTHING, Answer.ERROR)

    @property
    def needs_cause(self) -> bool:
        """True if the explanation has to name a cause."""
        return bool(self.case.because)

    @property
    def is_answered(self) -> bool:
        """True if the answer is the expected one."""
        return self.answer is _EXPECTED[self.case.expect]

    @property
    def is_met(self) -> bool:
        """True if the answer is the expected one, and just the known misses have no cause."""
        is_missed = self.needs_cause and self.place is None
        return self.is_answered and is_missed == bool(self.case.unnamed)


def judge(case: Case, observations: Sequence[Observation]) -> Result:
    """Judge what was said of a case."""
    answers = [_answer(observation) for observation in observations]
    strongest = min(answers, key=list(Answer).index, default=Answer.ERROR)
    places = [place for seen in observations if (place := _place(case.because, seen.told))]
    return Result(case, observations, strongest, min(places, default=None))


def is_keepable(result: Result) -> bool:
    """True for a result of the change itself.

    A run without an answer, or a COULD NOT RUN that is not expected, may be due to the machine.
    """
    could_not = any(seen.outcome == Outcome.COULD_NOT_RUN for seen in result.observations)
    return result.answer is not Answer.ERROR and (result.is_met or not could_not)


def _answer(seen: Observation) -> Answer:
    if seen.outcome == Outcome.KEPT:
        return Answer.REMARKED if seen.told else Answer.NOTHING
    return next(
        (answer for name, answer in _OUTCOMES.items() if name == seen.outcome), Answer.ERROR
    )


def _place(because: str, lines: Sequence[str]) -> int | None:
    wanted = _plain(because)
    if not wanted:
        return None
    return next((place for place, line in enumerate(lines, 1) if wanted in _plain(line)), None)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
