"""Subjects that call in an odd way each, with one flag, `short`, which shortens what is sent."""

import base64
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import openai
from openai import AsyncOpenAI
from provider.chat import ODD_USAGE

FLAG = "ODD_SHORT"


@dataclass(frozen=True)
class Switch:
    """A factor."""

    name: str = "short"
    env: str = FLAG
    levels: tuple[str, ...] = ("false", "true")
    doc: str = ""
    default: str = "false"


@dataclass(frozen=True)
class Happened:
    """An event."""

    name: str
    request_id: str
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class File:
    """An artifact."""

    path: str
    text: str
    approved: bool
    request_id: str
    kind: str = "code"


@dataclass(frozen=True)
class Made:
    """The outcome of a cell."""

    artifacts: Sequence[File]
    rates: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """A request of the scenario, as a subject here takes it."""

    client: AsyncOpenAI
    model: str
    words: str
    is_short: bool
    workdir: Path

    def padded(self, times: int = 50) -> str:
        """The words, after filler that the flag drops."""
        return ("" if self.is_short else "Take your time. " * times) + self.words

    async def chat(self, *messages: Mapping[str, Any], **more: Any) -> Any:
        """A chat completion."""
        return await self.client.chat.completions.create(
            model=self.model,
            messages=list(messages),  # type: ignore[arg-type]
            **more,
        )


Call = Callable[[Request], Awaitable[str]]


class Subject:
    """A subject that makes a file of each request with `call`."""

    factors = (Switch(),)

    def __init__(self, call: Call) -> None:
        self._call = call

    async def __call__(
        self,
        requests: Sequence[str],
        flags: Mapping[str, str],
        client: AsyncOpenAI,
        *,
        model: str,
        workdir: Path,
        listener: Callable[[Happened], None],
    ) -> Made:
        """Call once or more for each request; an error of the API is a warning."""
        files = []
        for number, words in enumerate(requests):
            request = Request(client, model, words, flags[FLAG] == "true", workdir)
            try:
                text = await self._call(request)
            except openai.InternalServerError as error:
                listener(Happened("api_warning", str(number), {"message": type(error).__name__}))
                text = ""
            files.append(File(f"{number}.py", text, bool(text), str(number)))
        return Made(files)


def user(content: object) -> dict[str, Any]:
    """A message of the user."""
    return {"role": "user", "content": content}


def said(completion: Any) -> str:
    """The text of a chat completion, whatever its form."""
    message = completion.choices[0].message if completion.choices else ""
    content = getattr(message, "content", message)
    return content if isinstance(content, str) else json.dumps(content)


@Subject
async def plain(request: Request) -> str:
    """One message."""
    return said(await request.chat(user(request.padded(5))))


@Subject
async def cached(request: Request) -> str:
    """One message that asks for the answer with cached tokens."""
    return said(await request.chat(user("cached " + request.padded(5))))


async def _streamed(request: Request, **more: Any) -> str:
    stream = await request.chat(user(request.padded()), stream=True, **more)
    return "".join(
        [chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices]
    )


@Subject
async def stream(request: Request) -> str:
    """A streamed answer."""
    return await _streamed(request)


@Subject
async def stream_usage(request: Request) -> str:
    """A streamed answer that ends with its usage."""
    return await _streamed(request, stream_options={"include_usage": True})


@Subject
async def stream_tools(request: Request) -> str:
    """A streamed tool call."""
    stream = await request.chat(user(request.padded()), stream=True, tools=TOOLS[:1])
    return str(len([chunk async for chunk in stream]))


@Subject
async def responses(request: Request) -> str:
    """The Responses API."""
    answer = await request.client.responses.create(model=request.model, input=request.padded())
    return answer.output_text


@Subject
async def responses_stream(request: Request) -> str:
    """The Responses API, streamed."""
    stream = await request.client.responses.create(
        model=request.model, input=request.padded(), stream=True
    )
    return str(len([event async for event in stream]))


@Subject
async def responses_go_on(request: Request) -> str:
    """A response that goes on with one that the provider keeps."""
    answer = await request.client.responses.create(
        model=request.model, input=request.padded(), previous_response_id="resp_0"
    )
    return answer.output_text


@Subject
async def completions(request: Request) -> str:
    """The older API of completions."""
    answer = await request.client.completions.create(model=request.model, prompt=request.padded())
    return answer.choices[0].text


@Subject
async def completions_stream(request: Request) -> str:
    """The same, streamed."""
    stream = await request.client.completions.create(
        model=request.model, prompt=request.padded(), stream=True
    )
    return "".join([chunk.choices[0].text async for chunk in stream if chunk.choices])


@Subject
async def embeddings(request: Request) -> str:
    """Embeddings."""
    answer = await request.client.embeddings.create(
        model=request.model, input=request.padded(300), encoding_format="base64"
    )
    return repr(answer.data[0].embedding)


@Subject
async def speech(request: Request) -> str:
    """Speech: bytes that are not text."""
    answer = await request.client.audio.speech.create(
        model=request.model, voice="alloy", input=request.words
    )
    return f"# {len(answer.content)} bytes"


@Subject
async def models(request: Request) -> str:
    """A list of models, and one message."""
    await request.client.models.list()
    return said(await request.chat(user(request.padded(5))))


@Subject
async def vendor(request: Request) -> str:
    """A path of the vendor's own."""
    answer = await request.client.post(
        "/vendor/generate",
        body={"model": request.model, "text": request.padded()},
        cast_to=dict[str, Any],
    )
    return str(answer["text"])


@Subject
async def image(request: Request) -> str:
    """An image beside the text."""
    url = "data:image/png;base64," + base64.b64encode(b"\x89PNG" * 200).decode()
    picture = {"type": "image_url", "image_url": {"url": url, "detail": "high"}}
    parts = [{"type": "text", "text": request.words}, picture]
    return said(await request.chat(user(parts)))


@Subject
async def parts(request: Request) -> str:
    """A content of texts, one of which is no mapping."""
    content = ["a plain string part", {"type": "text", "text": request.padded(5)}]
    return said(await request.chat(user(content)))


TOOLS = [
    {
        "type": "function",
        "function": {
            "name": f"tool_{number}",
            "description": "Writes a file with the given text to the given path. " * 4,
            "parameters": {
                "type": "object",
                "properties": {
                    "path": {"type": "string", "description": "Where to write the file"},
                    "text": {"type": "string"},
                },
                "required": ["path", "text"],
            },
        },
    }
    for number in range(10)
]


@Subject
async def tools(request: Request) -> str:
    """Ten tools, or one."""
    offered = TOOLS[:1] if request.is_short else TOOLS
    return said(await request.chat(user(request.words), tools=offered))


@Subject
async def functions(request: Request) -> str:
    """The same in the older form."""
    offered = [tool["function"] for tool in (TOOLS[:1] if request.is_short else TOOLS)]
    return said(await request.chat(user(request.words), functions=offered))


@Subject
async def schema(request: Request) -> str:
    """An answer by a schema."""
    described = {"name": "file", "schema": TOOLS[0]["function"]["parameters"]}  # type: ignore[index]
    wanted = {"type": "json_schema", "json_schema": described}
    return said(await request.chat(user(request.words), response_format=wanted))


@Subject
async def history(request: Request) -> str:
    """A tool call in the history, and a name."""
    arguments = json.dumps({"t": "print(1)\n" * 200})
    call = {"id": "c1", "type": "function", "function": {"name": "write", "arguments": arguments}}
    developer = {"role": "developer", "name": "architect_of_the_system", "content": "be brief"}
    answer = await request.chat(
        developer,
        user(request.words),
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "written"},
    )
    return said(answer)


@Subject
async def odd_usage(request: Request) -> str:
    """Every model that reports its usage in an odd way."""
    models = [replace(request, model=f"m-usage-{name}") for name in ODD_USAGE]
    return " ".join([said(await model.chat(user(request.words))) for model in models])


@Subject
async def repeated(request: Request) -> str:
    """The same message three times."""
    return " | ".join([said(await request.chat(user(request.words))) for _ in range(3)])
