"""Words become a recognition: asked of the model, or remembered."""

import hashlib

from pydantic import ValidationError

from generator import events
from generator.brief import Briefs
from generator.cache import RecognitionCache
from generator.events import Trace
from generator.llm import CallFailed, Malformed
from generator.spec import Recognition
from generator.tools import Tools

AGENT = "recogniser"
PHASE = "recognise"
MAX_MALFORMED_ANSWERS = 3


class RecognitionFailed(Exception):  # noqa: N818  told in the outcome, not raised to a user
    """The request could not be understood; the text says why."""


def cache_version(briefs: Briefs, model: str) -> str:
    """What cached recognitions depend on: the prompt and the model."""
    return f"{model}:{hashlib.sha256(briefs.recognise('').system.encode()).hexdigest()[:16]}"


async def recognise(
    words: str, tools: Tools, cache: RecognitionCache | None, trace: Trace
) -> Recognition:
    """What a request asks for. Raises `RecognitionFailed`."""
    remembered = cache.get(words, trace) if cache else None
    if remembered is not None:
        try:
            return Recognition.model_validate_json(remembered)
        except ValidationError:
            trace(events.CACHE_CORRUPT, what="recognition")
    malformed = 0

    def read(answer: str) -> Recognition:
        nonlocal malformed
        try:
            return Recognition.model_validate_json(answer)
        except ValidationError as error:
            malformed += 1
            told = _told(error)
            if malformed == MAX_MALFORMED_ANSWERS:
                what = f"{malformed} malformed answers, the last one: {told}"
                raise RecognitionFailed(what) from error
            raise Malformed(told) from error

    prompt = tools.briefs.recognise(words)
    try:
        recognition = await tools.ask(prompt, read, agent=AGENT, phase=PHASE, trace=trace)
    except CallFailed as failure:
        raise RecognitionFailed(f"{failure.reason}: {failure}") from failure
    if cache:
        cache.put(words, recognition.model_dump_json(), trace)
    return recognition


def _told(error: ValidationError) -> str:
    """The first faults of an answer: where and what."""
    return "; ".join(
        f"{'.'.join(map(str, one['loc'])) or 'answer'}: {one['msg']}" for one in error.errors()[:3]
    )
