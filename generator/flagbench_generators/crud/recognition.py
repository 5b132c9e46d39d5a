"""Recognition of requests, by the model or from the cache."""

import hashlib
import json
from dataclasses import dataclass, field
from functools import cache

from pydantic import ValidationError

from flagbench_generators.crud.recognition_cache import RecognitionCache
from flagbench_generators.crud.spec import Entity, Recognition
from flagbench_generators.crud.understanding import understood
from flagbench_generators.kernel.events import UNDERSTOOD, Trace
from flagbench_generators.kernel.llm import CallFailed, Malformed
from flagbench_generators.kernel.prompt_builder import PromptBuilder
from flagbench_generators.kernel.request_spec import NotUnderstood
from flagbench_generators.kernel.tools import Tools

AGENT = "recogniser"
PHASE = "recognise"
# Keys under which models that must answer in JSON say that they cannot.
_ASKING = ("error", "question", "clarification", "message")


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
    """Converter of requests to entities: each is a delta to the session's `entities` so far.

    `requests` is their number in the session. `made` are the entities as each request left them,
    by request id.
    """

    tools: Tools
    memory: RecognitionCache | None
    requests: int
    entities: dict[str, Entity] = field(default_factory=dict)
    made: dict[str, Entity] = field(default_factory=dict)
    _begun: int = 0

    async def __call__(self, request: str, trace: Trace) -> tuple[Entity, str]:
        """Return the entity of a request with its delta applied. Raises `NotUnderstood`."""
        self._begun += 1
        delta = await recognise(request, self.tools, self.memory, trace)
        new = Entity(name=delta.entity)
        # By module: the recogniser sees one request alone, and may spell the entity another way.
        known = self.entities.get(new.module, new)
        entity = self.entities[new.module] = self.made[trace.request_id] = known.apply(delta)
        self._tell(request, delta, trace)
        return entity, request

    def _tell(self, request: str, delta: Recognition, trace: Trace) -> None:
        """Emit what was understood: lists of words, since the calls that follow carry the same."""
        is_last = self._begun == self.requests
        found = understood(request, delta, self.entities.keys(), is_last=is_last)
        trace(
            UNDERSTOOD,
            entity=found.entity,
            intent=found.intent,
            attributes=list(found.attributes),
            relations=list(found.relations),
            rules=list(found.rules),
            doubts=[doubt.text for doubt in found.doubts],
        )


def _read(answer: str) -> Recognition:
    try:
        return Recognition.model_validate_json(answer)
    except ValidationError as error:
        question = _asked_back(answer)
        if question:
            raise NotUnderstood(f"the model asks back: {question}") from error
        raise Malformed(_describe(error)) from error


def _asked_back(answer: str) -> str:
    """The words of an answer that has an error or a question in place of an entity, else ""."""
    try:
        found = json.loads(answer)
    except ValueError:
        return ""
    if not isinstance(found, dict) or "entity" in found:
        return ""
    words = (found.get(name) for name in _ASKING)
    return next((word.strip() for word in words if isinstance(word, str) and word.strip()), "")


def _describe(error: ValidationError) -> str:
    """Format the first three validation errors of an answer."""
    return "; ".join(
        f"{'.'.join(map(str, detail['loc'])) or 'answer'}: {detail['msg']}"
        for detail in error.errors()[:3]
    )
