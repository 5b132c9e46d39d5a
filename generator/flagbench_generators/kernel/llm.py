"""One chat call: messages in, text and usage out. The only network, with errors by class."""

import math
from dataclasses import dataclass

import openai
from openai.types.chat import ChatCompletion, ChatCompletionMessageParam

from flagbench_generators.kernel.events import LLM_CALL, Trace


class CallFailed(Exception):  # noqa: N818  a failure that the retry policy looks at
    """A call without a usable answer; another try may have one."""

    @property
    def reason(self) -> str:
        """The class of the failure, for events."""
        return type(self).__name__


class RateLimited(CallFailed):
    """The provider asks to wait, `retry_after_seconds` if it says how long."""

    def __init__(self, message: str, retry_after_seconds: float | None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class ServerFault(CallFailed):
    """The provider failed (5xx)."""


class Unreachable(CallFailed):
    """No answer: a timeout or a closed connection."""


class Refused(CallFailed):
    """The provider will not take this request (400, 413, 422), however often it is sent."""


class CutOff(CallFailed):
    """The answer ended at the length limit; `text` is the part that arrived."""

    def __init__(self, message: str, text: str) -> None:
        super().__init__(message)
        self.text = text


class Malformed(CallFailed):
    """The answer is not what was asked for, such as JSON of another form."""


GO_ON = "Go on exactly where the text above ends, and repeat nothing."
_JSON = {"type": "json_object"}
_BUSY = (408, 409)
_UNACCEPTABLE = (400, 413, 422)
# The libraries whose errors are errors of the connection, as openai 3 has it.
_NETWORK = ("httpx", "httpx2", "ssl", "anyio")


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is sent: the two messages, and whether JSON is asked for.

    `said` is the part of an answer that was cut off: the rest of it is asked for.
    """

    system: str
    user: str
    as_json: bool = False
    said: str = ""


@dataclass(frozen=True, slots=True)
class Chat:
    """Who to ask. The client must not retry by itself: pauses are the retry policy's matter.

    `patience_seconds` is how long a call may take; None leaves that to the client.
    """

    client: openai.AsyncOpenAI
    model: str
    patience_seconds: float | None = None

    async def ask(self, prompt: Prompt, *, agent: str, phase: str, trace: Trace) -> str:
        """The text of the answer. Raises `CallFailed` by class.

        A wrong key or model (401, 403, 404) raises openai's own error: no request would succeed.
        """
        messages: list[ChatCompletionMessageParam] = [
            {"role": "system", "content": prompt.system},
            {"role": "user", "content": prompt.user},
        ]
        if prompt.said:
            messages += [
                {"role": "assistant", "content": prompt.said},
                {"role": "user", "content": GO_ON},
            ]
        try:
            completion = await self.client.chat.completions.create(
                model=self.model,
                messages=messages,
                # As `response_format`, openai 1 and 3 would differ in how to leave it out.
                extra_body={"response_format": _JSON} if prompt.as_json else None,
                timeout=self.patience_seconds or openai.NOT_GIVEN,
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
            if error.status_code in _UNACCEPTABLE:
                raise Refused(str(error)) from error
            raise
        except ValueError as error:  # openai leaves a body that is no JSON to json
            raise ServerFault(f"an answer that is no JSON: {error}") from error
        # openai hands on whatever a proxy answers in place of a completion
        if not isinstance(completion, ChatCompletion):
            raise ServerFault("an answer that is no chat completion")
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


def _raise_bug(error: openai.APIConnectionError) -> None:
    """Raise the cause if it is no network error: before openai 3 all are wrapped."""
    cause = error.__cause__
    if cause and type(cause).__module__.partition(".")[0] not in _NETWORK:
        raise cause from None


def _retry_after_seconds(error: openai.APIStatusError) -> float | None:
    """The header in seconds; a date is not understood, since the clock may be virtual."""
    try:
        seconds = float(error.response.headers.get("retry-after", ""))
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) else None
