"""Chat calls: messages in, text and usage out, failures as `CallFailed` by class."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flagbench_generators.kernel.answer_schema import JSON_OBJECT, JSON_SCHEMA, json_schema
from flagbench_generators.kernel.events import FORMAT_REFUSED, LLM_CALL, Trace

if TYPE_CHECKING:
    import openai
    from openai.types.chat import ChatCompletion, ChatCompletionMessageParam
    from pydantic import BaseModel


class CallFailed(Exception):  # noqa: N818  a failure that the retry policy handles
    """A call without a usable answer; a retry may succeed."""

    @property
    def reason(self) -> str:
        """The class name of the failure, for events."""
        return type(self).__name__


class RateLimited(CallFailed):
    """The provider's rate limit (429), with the seconds of its `retry-after` header, if any."""

    def __init__(self, message: str, retry_after_seconds: float | None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class ServerFault(CallFailed):
    """An error of the provider (5xx, 408, 409, or an answer that is not a completion)."""


class Unreachable(CallFailed):
    """A timeout or a closed connection."""


class Refused(CallFailed):
    """A request that the provider does not accept (400, 413, 422); a retry cannot succeed."""


class CutOff(CallFailed):
    """An answer that ended at the length limit; `text` is the part that arrived."""

    def __init__(self, message: str, text: str) -> None:
        super().__init__(message)
        self.text = text


class Malformed(CallFailed):
    """An answer of the wrong form, such as JSON that does not match the schema."""


GO_ON = "Go on exactly where the text above ends, and repeat nothing."
_BUSY = (408, 409)
_UNACCEPTABLE = (400, 413, 422)
# Libraries whose errors count as connection errors, as in openai 3.
_NETWORK = ("httpx", "httpx2", "ssl", "anyio")


@dataclass(frozen=True, slots=True)
class Prompt:
    """The system and user messages of a call, and the form of its answer, None for a text.

    `partial_answer` is an answer that was cut off: the call requests the rest of it.
    """

    system: str
    user: str
    form: type[BaseModel] | None = None
    partial_answer: str = ""


@dataclass(frozen=True, slots=True)
class Chat:
    """A client and a model. The client must not retry by itself, since the retry policy does.

    `timeout_seconds` limits a call; None leaves that to the client. With `schemas`, JSON is
    requested by its schema, which an endpoint may lack. `unsupported` are the formats that it
    refused: they are not requested again.
    """

    client: openai.AsyncOpenAI
    model: str
    timeout_seconds: float | None = None
    schemas: bool = False
    unsupported: set[str] = field(default_factory=set, compare=False)

    async def ask(self, prompt: Prompt, *, agent: str, phase: str, trace: Trace) -> str:
        """Send a prompt and return the text of the answer. Raises `CallFailed` by class.

        A wrong key or model (401, 403, 404) raises openai's error, since no request can succeed.
        """
        completion = await self._completion(prompt, agent, phase, trace)
        usage = completion.usage
        trace(
            LLM_CALL,
            agent=agent,
            phase=phase,
            prompt_tokens=(usage and usage.prompt_tokens) or 0,
            completion_tokens=(usage and usage.completion_tokens) or 0,
        )
        choice = completion.choices[0] if completion.choices else None
        message = getattr(choice, "message", None)
        if choice is None or message is None:
            raise Malformed("an answer without a message")
        if choice.finish_reason == "length":
            raise CutOff("the answer was cut off at the length limit", message.content or "")
        if not (message.content or "").strip():
            raise Malformed(f"an empty answer (finish reason {choice.finish_reason})")
        return message.content or ""

    async def _completion(
        self, prompt: Prompt, agent: str, phase: str, trace: Trace
    ) -> ChatCompletion:
        import openai  # noqa: PLC0415  it takes long, and who has a client has loaded it
        from openai.types import chat  # noqa: PLC0415

        messages: list[ChatCompletionMessageParam] = [
            {"role": "system", "content": prompt.system},
            {"role": "user", "content": prompt.user},
        ]
        if prompt.partial_answer:
            messages += [
                {"role": "assistant", "content": prompt.partial_answer},
                {"role": "user", "content": GO_ON},
            ]
        requested = self._response_format(prompt)
        try:
            completion = await self.client.chat.completions.create(
                model=self.model,
                messages=messages,
                # As `response_format`, openai 1 and 3 would differ in how to leave it out.
                extra_body={"response_format": requested} if requested else None,
                timeout=self.timeout_seconds or openai.NOT_GIVEN,
                extra_headers={
                    "X-Client-Request-Id": trace.request_id,
                    "X-Agent": agent,
                    "X-Phase": phase,
                },
            )
        except openai.RateLimitError as error:
            raise RateLimited(str(error), _retry_after_seconds(error)) from error
        except openai.InternalServerError as error:
            raise ServerFault(str(error)) from error
        except openai.APIConnectionError as error:
            _raise_bug(error)
            raise Unreachable(str(error)) from error
        except openai.APIStatusError as error:
            if error.status_code in _BUSY:
                raise ServerFault(str(error)) from error
            if error.status_code not in _UNACCEPTABLE:
                raise
            if requested and _names_format(error):
                self.unsupported.add(requested["type"])
                trace(FORMAT_REFUSED, agent=agent, phase=phase, format=requested["type"])
                return await self._completion(prompt, agent, phase, trace)
            raise Refused(str(error)) from error
        except ValueError as error:  # openai passes on json's error for a body that is not JSON
            raise ServerFault(f"the answer is not JSON: {error}") from error
        # openai returns whatever a proxy answers in place of a completion
        if not isinstance(completion, chat.ChatCompletion):
            raise ServerFault("the answer is not a chat completion")
        return completion

    def _response_format(self, prompt: Prompt) -> dict[str, Any] | None:
        """The strictest format that the endpoint may have; None leaves it to the prompt."""
        if prompt.form is None:
            return None
        if self.schemas and JSON_SCHEMA not in self.unsupported:
            return json_schema(prompt.form, prompt.user)
        return None if JSON_OBJECT in self.unsupported else {"type": JSON_OBJECT}


def _names_format(error: openai.APIStatusError) -> bool:
    """True if a request was refused for its format: endpoints say so in words of their own."""
    return any(word in str(error) for word in ("response_format", JSON_SCHEMA, JSON_OBJECT))


def _raise_bug(error: openai.APIConnectionError) -> None:
    """Raise the cause if it is not a network error: before openai 3 every error is wrapped."""
    cause = error.__cause__
    if cause and type(cause).__module__.partition(".")[0] not in _NETWORK:
        raise cause from None


def _retry_after_seconds(error: openai.APIStatusError) -> float | None:
    """Parse `retry-after` in seconds; dates are ignored, since the clock may be virtual."""
    try:
        seconds = float(error.response.headers.get("retry-after", ""))
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) else None
