"""Recognition of requests, by the model or from the cache."""

import hashlib
import json
from dataclasses import dataclass, field
from functools import cache

from pydantic import ValidationError

from flagbench_generators.crud.recognition_cache import RecognitionCache
from flagbench_generators.crud.spec import Entity, Recognition
from flagbench_generators.kernel.events import Trace
from flagbench_generators.kernel.llm import CallFailed, Malformed
from flagbench_generators.kernel.prompt_builder import PromptBuilder
from flagbench_generators.kernel.request_spec import NotUnderstood
from flagbench_generators.kernel.tools import Tools

AGENT = "recogniser"
PHASE = "recognise"


def cache_version(prompts: PromptBuilder, model: str) -> str:
    """Hash what cached recognitions depend on: their schema, the prompt and the model."""
    text = _schema() + prompts.recognise("", Recognition).system
    return f"{model}:{hashlib.sha256(text.encode()).hexdigest()[:16]}"


@cache  # the schema is the same for every session, and pydantic takes a millisecond to write it
def _schema() -> str:
    return json.dumps(Recognition.model_json_schema(), sort_keys=True)


async def recognise(
    words: str, tools: Tools, memory: RecognitionCache | None, trace: Trace
) -> Recognition:
    """Recognise a request. Raises `NotUnderstood`."""
    cached = memory.get(words, trace) if memory else None
    if cached is not None:
        return cached
    prompt = tools.prompts.recognise(words, Recognition)
    try:
        recognition = await tools.ask(prompt, _read, agent=AGENT, phase=PHASE, trace=trace)
    except CallFailed as failure:
        raise NotUnderstood(f"{failure.reason}: {failure}") from failure
    if memory:
        memory.put(words, recognition, trace)
    return recognition


@dataclass(slots=True)
class Recogniser:
    """Converter of requests to entities: each is a delta to the session's `entities` so far."""

    tools: Tools
    memory: RecognitionCache | None
    entities: dict[str, Entity] = field(default_factory=dict)

    async def __call__(self, request: str, trace: Trace) -> tuple[Entity, str]:
        """Return the entity of a request with its delta applied. Raises `NotUnderstood`."""
        delta = await recognise(request, self.tools, self.memory, trace)
        new = Entity(name=delta.entity)
        # By module: the recogniser sees one request alone, and may spell the entity another way.
        known = self.entities.get(new.module, new)
        entity = self.entities[new.module] = known.apply(delta)
        return entity, request


def _read(answer: str) -> Recognition:
    try:
        return Recognition.model_validate_json(answer)
    except ValidationError as error:
        raise Malformed(_describe(error)) from error


def _describe(error: ValidationError) -> str:
    """Format the first three validation errors of an answer."""
    return "; ".join(
        f"{'.'.join(map(str, detail['loc'])) or 'answer'}: {detail['msg']}"
        for detail in error.errors()[:3]
    )
