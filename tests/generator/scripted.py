"""A scripted model: an HTTP transport under the real openai client, and a clock that jumps.

Answers are chosen by the headers `X-Phase` and `X-Agent`; whatever the script has nothing for is
answered as a good model would. Sleeping and latency cost no real time and can be asserted exactly:
`run` is the harness's own virtual clock.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openai import AsyncOpenAI, _base_client

from flagbench.http_library import httpx
from flagbench.run.virtual_clock import run_virtual as run
from flagbench_generators.crud.spec import Attribute, Entity, Relation
from flagbench_generators.kernel import events
from flagbench_generators.kernel.events import Event, Trace
from flagbench_generators.kernel.llm import Chat
from flagbench_generators.kernel.pipeline import Agent, Pipeline, Texts, texts_of
from flagbench_generators.kernel.prompt_builder import Job, PromptBuilder
from flagbench_generators.kernel.retry import RetryPolicy
from flagbench_generators.kernel.rule import RuleBook, load_rules
from flagbench_generators.kernel.tools import Tools

__all__ = [
    "APPROVED", "COURSE", "GOOD_CODE", "PAIR", "REJECTED", "STUDENT", "USAGE", "Answer", "Bench",
    "Call", "Heard", "ScriptedModel", "bench", "book", "completion", "run", "tiny_pipeline",
]  # fmt: skip

USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
GOOD_CODE = "def made() -> None:\n    return None\n"
APPROVED = json.dumps({"approved": True, "issues": []})
REJECTED = json.dumps({"approved": False, "issues": [{"line": 1, "message": "is wrong"}]})
STUDENT = json.dumps(
    {
        "intent": "create",
        "entity": "Student",
        "attributes": [{"name": "name", "type": "string", "required": True}],
        "relations": [],
        "rules": [],
    }
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model answers once, `latency_seconds` after it was asked."""

    text: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    finish_reason: str = "stop"
    latency_seconds: float = 1.0
    raw_body: str | None = None
    raises: BaseException | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """What the model was sent."""

    agent: str
    phase: str
    request_id: str
    body: Mapping[str, Any]
    at_seconds: float
    timeout_seconds: float | None

    @property
    def system(self) -> str:
        """The system message."""
        return str(self.body["messages"][0]["content"])

    @property
    def user(self) -> str:
        """The user message."""
        return str(self.body["messages"][1]["content"])


class ScriptedModel:
    """Answers by `(phase, agent)`, in the order given; the last answer is given again and again."""

    def __init__(self, script: Mapping[tuple[str, str], Sequence[Answer]] | None = None) -> None:
        self.script = dict(script or {})
        self.calls: list[Call] = []
        self._asked: defaultdict[tuple[str, str], int] = defaultdict(int)

    def client(self) -> AsyncOpenAI:
        """The real client, with this model in place of the network."""
        client = AsyncOpenAI(
            api_key="none",
            base_url="http://scripted.invalid/v1",
            max_retries=0,
            http_client=httpx.AsyncClient(transport=httpx.MockTransport(self._handle)),
        )
        client._platform = _base_client.get_platform()  # else it is looked up in a thread
        return client

    def phases(self) -> list[tuple[str, str]]:
        """Who was asked for what, in order."""
        return [(call.phase, call.agent) for call in self.calls]

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        call = Call(
            agent=request.headers["x-agent"],
            phase=request.headers["x-phase"],
            request_id=request.headers["x-client-request-id"],
            body=json.loads(request.content),
            at_seconds=asyncio.get_running_loop().time(),
            timeout_seconds=request.extensions["timeout"]["read"],
        )
        self.calls.append(call)
        answer = self._answer(call)
        await asyncio.sleep(answer.latency_seconds)
        if answer.raises is not None:
            raise answer.raises
        if answer.raw_body is not None:
            return httpx.Response(answer.status, headers=answer.headers, text=answer.raw_body)
        if answer.status != 200:
            body = {"error": {"message": "scripted"}}
            return httpx.Response(answer.status, headers=answer.headers, json=body)
        return httpx.Response(200, headers=answer.headers, json=completion(answer))

    def _answer(self, call: Call) -> Answer:
        place = (call.phase, call.agent)
        answers = self.script.get(place)
        if answers:
            asked = self._asked[place]
            self._asked[place] += 1
            return answers[min(asked, len(answers) - 1)]
        if call.phase == "recognise":
            return Answer(STUDENT)
        return Answer(APPROVED if call.phase == "review" else GOOD_CODE)


def completion(answer: Answer) -> dict[str, Any]:
    """The body of a chat completion."""
    message = {"role": "assistant", "content": answer.text}
    choice = {"index": 0, "message": message, "finish_reason": answer.finish_reason}
    return {
        "id": "scripted",
        "object": "chat.completion",
        "created": 0,
        "model": "scripted",
        "choices": [choice],
        "usage": USAGE,
    }


class Heard(list[Event]):
    """A listener that keeps what it hears."""

    def __call__(self, event: Event) -> None:
        """Keep one event."""
        self.append(event)

    def named(self, name: str) -> list[Mapping[str, Any]]:
        """The fields of the events of one name."""
        return [event.fields for event in self if event.name == name]

    def pauses_seconds(self) -> list[float]:
        """The pauses before retries."""
        return [fields["delay_seconds"] for fields in self.named(events.RETRY)]

    def trace(self, request_id: str = "request-01") -> Trace:
        """A trace that is heard here."""
        return Trace(request_id, self)


PAIR = (
    Agent(kind="database", role="You keep data.", task="with data", path="data/{module}.py",
          heading="Database module"),
    Agent(kind="backend", role="You serve.", task="with routes", path="routes/{module}.py",
          heading="Routes module", needs=("database",)),
    Agent(kind="frontend", role="You show.", task="with a page", path="pages/{module}.py",
          heading="Page"),
)  # fmt: skip
RULES = """
- {id: made, kind: required, pattern: 'def made', weight: 1.0, message: "define made"}
- {id: bad, kind: forbidden, pattern: 'forbidden_{entity}', confidence: 0.9, message: "no {entity}"}
- {id: odd, kind: forbidden, pattern: 'doubtful', confidence: 0.5, message: "is odd"}
"""
TEMPLATE = 'def made() -> str:\n    return "{{ entity.name }} by template"\n'
PROMPTS = Path(__file__).resolve().parents[2] / "generator/flagbench_generators/kernel/prompts"


def tiny_pipeline(
    folder: Path, *, agents: tuple[Agent, ...] = PAIR, template: str = TEMPLATE
) -> Pipeline:
    """A pipeline with short texts in a folder, and the generator's own prompts."""
    for name in ("standards/compressed", "rules", "templates"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for agent in agents:
        (folder / f"standards/{agent.kind}.md").write_text(f"Full standard of {agent.kind}.\n")
        (folder / f"standards/compressed/{agent.kind}.md").write_text(f"Short: {agent.kind}.\n")
        (folder / f"rules/{agent.kind}.yaml").write_text(RULES)
        (folder / f"templates/{agent.kind}.py.j2").write_text(template)
    if not (folder / "prompts").exists():
        (folder / "prompts").symlink_to(PROMPTS)
    return Pipeline(
        name="tiny",
        agents=agents,
        root=folder,
        template_variable="entity",
        prompts=folder / "prompts",
    )


COURSE = Entity(
    name="Course",
    attributes=(
        Attribute(name="name", type="string"),
        Attribute(name="level", type="integer", required=False),
    ),
    relations=(
        Relation(name="teacher", kind="many_to_one", target="Teacher"),
        Relation(name="students", kind="many_to_many", target="Student"),
    ),
)


def book(folder: Path, *rules: str) -> RuleBook:
    """The rules of a file, each written as the inside of a YAML mapping."""
    path = folder / "backend.yaml"
    path.write_text("".join(f"- {{{rule}}}\n" for rule in rules))
    return load_rules(path)


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything one agent's work needs, on a scripted model."""

    model: ScriptedModel
    heard: Heard
    tools: Tools
    job: Job

    @property
    def trace(self) -> Trace:
        """A trace that is heard."""
        return self.heard.trace()

    @property
    def texts(self) -> Texts:
        """The texts of the tiny pipeline."""
        return self.tools.prompts.texts


def bench(
    folder: Path,
    script: Mapping[tuple[str, str], Sequence[Answer]] | None = None,
    *,
    smart: bool = False,
    compressed: bool = False,
    entity: Entity | None = None,
    current: str = "",
    template: str = TEMPLATE,
) -> Bench:
    """A bench for the tiny pipeline's database agent."""
    model = ScriptedModel(script)
    texts = texts_of(tiny_pipeline(folder, template=template))
    tools = Tools(
        Chat(model.client(), "scripted"), PromptBuilder(texts, compressed), RetryPolicy(smart)
    )
    student = Entity(name="Student", attributes=(Attribute(name="name", type="string"),))
    job = Job(PAIR[0], entity or student, "Add a Student", (), current)
    return Bench(model, Heard(), tools, job)
