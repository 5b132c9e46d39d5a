"""Recorded requests sent again: whether the endpoint still answers as it was recorded."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path
from random import Random

from flagbench.cassette import cleaning, file
from flagbench.cassette.address import url_of
from flagbench.cassette.cassette import Interaction
from flagbench.cassette.received import stored
from flagbench.cassette.usage.token_usage import TokenUsage
from flagbench.http_library import httpx
from flagbench.measurement.dollars import dollars_of
from flagbench.measurement.prices import Price
from flagbench.run import provider_wire
from flagbench.run.credentials import headers_of, with_key
from flagbench.run.provider_wire import MOST_ANSWER_SECONDS
from flagbench.run.recording import Endpoint


@dataclass(frozen=True, slots=True)
class Question:
    """A recorded call that may be sent again, and its place in a cassette."""

    cassette: Path
    place: int
    recorded: Interaction

    def usd(self, prices: Sequence[Price]) -> float | None:
        """The cost of the recorded call, None if it is unknown."""
        usage = self.recorded.known_usage
        if not isinstance(usage, TokenUsage):
            return None
        return dollars_of([usage], usage.model, prices).usd


@dataclass(frozen=True, slots=True)
class Drift:
    """A recorded call beside the answer of now. None is unknown."""

    question: Question
    now: Interaction

    @property
    def is_other_status(self) -> bool:
        """True if the answer has another HTTP status."""
        return self.now.status != self.question.recorded.status

    @property
    def models(self) -> tuple[str, str]:
        """The models that the answers name, "" for none."""
        return _model_of(self.question.recorded), _model_of(self.now)

    @property
    def prompt_tokens(self) -> tuple[int | None, int | None]:
        """The prompt tokens that the provider reported, then and now."""
        return _reported(self.question.recorded, "prompt"), _reported(self.now, "prompt")

    @property
    def completion_tokens(self) -> tuple[int | None, int | None]:
        """The completion tokens that the provider reported, then and now."""
        return _reported(self.question.recorded, "completion"), _reported(self.now, "completion")

    @property
    def seconds(self) -> tuple[float | None, float | None]:
        """The latency then and now."""
        return self.question.recorded.elapsed_seconds, self.now.elapsed_seconds

    @property
    def similarity(self) -> float:
        """The likeness of the answers, from 0 to 1: the share of words in common runs."""
        then, now = (_text_of(call).split() for call in (self.question.recorded, self.now))
        return SequenceMatcher(None, then, now, autojunk=False).ratio()

    @property
    def is_drift(self) -> bool:
        """True if something differs that luck does not explain.

        That is the status, the name of the model, or the tokens that the same prompt is billed for.
        """
        then, now = self.prompt_tokens
        has_other_prompt = None not in (then, now) and then != now
        return self.is_other_status or self.models[0] != self.models[1] or has_other_prompt


def questions(paths: Sequence[Path]) -> list[Question]:
    """The calls of a model in cassettes that were answered. Raises what `file.load` does."""
    found = list[Question]()
    for path in cleaning.files_in(paths):
        if path.suffix == ".part":
            continue
        cleaning.check_there(path)
        found += [
            Question(path, place, call)
            for place, call in enumerate(file.load(path, record_command="").interactions)
            if call.status == 200 and not call.service and not call.is_closed
        ]
    return found


def chosen(
    known: Sequence[Question], count: int, seed: int, budget_usd: float | None,
    prices: Sequence[Price],
) -> list[Question]:  # fmt: skip
    """Draw at most `count` of them, within a budget. Raises `ValueError` for an unknown price."""
    drawn = Random(seed).sample(list(known), min(count, len(known)))  # noqa: S311  no secret
    if budget_usd is None:
        return drawn
    within, left = [], budget_usd
    for question in drawn:
        usd = question.usd(prices)
        if usd is None:
            where = f"{question.cassette}, interaction {question.place + 1}"
            raise ValueError(f"the cost of {where} is unknown")
        if usd <= left:
            left -= usd
            within.append(question)
    return within


def ask_again(asked: Sequence[Question], endpoint: Endpoint) -> Iterator[Drift]:
    """Send requests again, one after the other. Raises `CouldNotRun` if an answer does not come."""
    with httpx.HTTPTransport(trust_env=False) as wire:
        for question in asked:
            recorded = question.recorded
            sent = {"content-type": "application/json", "accept-encoding": "identity"}
            sent |= headers_of(recorded.path)
            url, sent = with_key(url_of(recorded.path, endpoint.base_url), sent, endpoint.api_key)
            timeout = dict.fromkeys(("connect", "read", "write", "pool"), MOST_ANSWER_SECONDS)
            request = httpx.Request(
                recorded.method, url, headers=sent, content=recorded.request_body,
                extensions={"timeout": timeout},
            )  # fmt: skip
            answer = provider_wire.ask(wire, request)
            now = stored(
                answer, method=recorded.method, path=recorded.path,
                request_body=recorded.request_body, secrets=endpoint.secrets,
            )  # fmt: skip
            yield Drift(question, replace(now, tokenizer=recorded.tokenizer))


def _reported(call: Interaction, kind: str) -> int | None:
    usage = call.known_usage
    return getattr(usage, kind).reported if isinstance(usage, TokenUsage) else None


def _model_of(call: Interaction) -> str:
    document = _document(call)
    return str(document.get("model", "")) if isinstance(document, dict) else ""


def _text_of(call: Interaction) -> str:
    """The words of an answer of any vendor: all texts of its document but its ids and figures."""
    texts: list[str] = []

    def walk(value: object, key: str = "") -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                walk(inner, name)
        elif isinstance(value, list):
            for inner in value:
                walk(inner, key)
        elif isinstance(value, str) and key in _TEXTS:
            texts.append(value)

    document = _document(call)
    if document is None:
        return call.response_body.decode(errors="replace")
    walk(document)
    return "\n".join(texts)


# Where chat, Responses, Anthropic and Gemini have what the model said.
_TEXTS = frozenset({"content", "text", "arguments", "reasoning_content", "refusal"})


def _document(call: Interaction) -> object:
    try:
        return json.loads(call.response_body)
    except (ValueError, RecursionError):
        return None
