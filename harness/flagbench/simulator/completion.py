"""Answers to chat completion requests: status, headers and body, without HTTP."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from flagbench.headers import CLOSED, ELAPSED, OUTCOME
from flagbench.simulator.completion_text import content
from flagbench.simulator.continuation import cut_off_answer, rest_of
from flagbench.simulator.latency import GATEWAY_SECONDS, answer_seconds, error_seconds
from flagbench.simulator.prompt_parser import message_texts, read
from flagbench.simulator.request_validation import problem_in
from flagbench.simulator.rng import Rng
from flagbench.simulator.settings import ProviderSettings
from flagbench.tokenizer import TOKENS_PER_MESSAGE, TOKENS_PER_REPLY

CREATED = 1_760_000_000
"""Unix time of every answer, 9 October 2025: fixed, so that a recording repeats bit for bit."""
LONGEST_RETRY_AFTER_SECONDS = 8

Json = dict[str, Any]


class Completion(NamedTuple):
    """An answer of the provider."""

    status: int
    headers: dict[str, str]
    body: Json

    @property
    def elapsed_seconds(self) -> float:
        """Latency that the header declares, scaled by the settings."""
        return float(self.headers[ELAPSED]) / 1000.0


@dataclass(frozen=True, slots=True)
class SimulatedProvider:
    """The simulated provider without HTTP.

    `count_tokens` gives the number of tokens of a text. An answer depends on settings, body, trial
    and occurrence only, not on earlier requests.
    """

    settings: ProviderSettings
    count_tokens: Callable[[str], int]

    def answer(self, body: Mapping[str, Any], trial: int = 1, occurrence: int = 1) -> Completion:
        """Answer the `occurrence`-th identical request of a trial (both count from 1)."""
        if self.settings.by_trial:
            settings = self.settings.in_trial(trial)
            return SimulatedProvider(settings, self.count_tokens).answer(body, trial, occurrence)
        draws = Rng.of(self.settings.seed, body, trial, occurrence)
        problem = problem_in(body)
        if problem:
            return self._error(draws, 400, problem, "invalid_request_error", None)
        return self._failure(draws) or self._completion(body, draws, trial)

    def _failure(self, draws: Rng) -> Completion | None:
        """The drawn failure in place of an answer, None where there is none."""
        if draws.chance("rate limit", self.settings.rate_limit):
            seconds = draws.integer("retry after", 1, LONGEST_RETRY_AFTER_SECONDS)
            message = f"Rate limit reached. Please try again in {seconds}s."
            answer = self._error(draws, 429, message, "requests", "rate_limit_exceeded")
            answer.headers["retry-after"] = str(seconds)
            return answer
        if draws.chance("server error", self.settings.server_error):
            message = "The server had an error while processing your request."
            return self._error(draws, 500, message, "server_error", None)
        if draws.chance("hang", self.settings.hang):
            answer = self._error(draws, 504, "Gateway timeout.", "server_error", None)
            return answer._replace(headers=self._headers(draws, GATEWAY_SECONDS))
        if draws.chance("disconnect", self.settings.disconnect):
            answer = self._error(draws, 502, "The connection was closed.", "server_error", None)
            answer.headers[OUTCOME] = CLOSED
            return answer
        return None

    def _text(self, body: Mapping[str, Any], draws: Rng, trial: int) -> str:
        """The whole answer, or the rest of one that was cut off."""
        part = cut_off_answer(body)
        if part is None:
            return content(read(body), draws, self.settings)
        prompt = read(part.body)

        def answer_to(occurrence: int) -> str:
            draws = Rng.of(self.settings.seed, part.body, trial, occurrence)
            return content(prompt, draws, self.settings)

        return rest_of(part.shown, answer_to)

    def _completion(self, body: Mapping[str, Any], draws: Rng, trial: int) -> Completion:
        text, reason = self._text(body, draws, trial), "stop"
        tokens = self.count_tokens(text)
        most = body.get("max_completion_tokens") or body.get("max_tokens")
        if draws.chance("cut off", self.settings.cut_off):
            share = 0.3 + 0.6 * draws.unit("cut off share")
            most = min(most or tokens, max(1, int(tokens * share)))
            reason = "length"
        if most and tokens > most:
            text, reason = self._truncate(text, tokens, most), "length"
            tokens = self.count_tokens(text)
        prompt_tokens = self._prompt_tokens(body)
        answer = {
            "id": f"chatcmpl-{draws.hexadecimal('id', 24)}",
            "object": "chat.completion",
            "created": CREATED,
            "model": body["model"],
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": text, "refusal": None},
                    "logprobs": None,
                    "finish_reason": reason,
                }
            ],
            "usage": {
                "prompt_tokens": prompt_tokens,
                "completion_tokens": tokens,
                "total_tokens": prompt_tokens + tokens,
            },
            "system_fingerprint": "fp_simulated",
        }
        return Completion(200, self._headers(draws, answer_seconds(tokens, draws)), answer)

    def _truncate(self, text: str, tokens: int, most: int) -> str:
        """The beginning of the text, of at most `most` tokens."""
        end = len(text) * most // tokens
        while end > 0 and self.count_tokens(text[:end]) > most:
            end = end * 9 // 10
        return text[:end]

    def _prompt_tokens(self, body: Mapping[str, Any]) -> int:
        total = TOKENS_PER_REPLY
        for role, text in message_texts(body):
            total += TOKENS_PER_MESSAGE + self.count_tokens(role) + self.count_tokens(text)
        return total

    def _headers(self, draws: Rng, seconds: float) -> dict[str, str]:
        elapsed_ms = seconds * self.settings.latency_scale * 1000.0
        return {
            ELAPSED: f"{elapsed_ms:.3f}",
            "x-request-id": f"req_{draws.hexadecimal('request id', 32)}",
        }

    def _error(
        self, draws: Rng, status: int, message: str, kind: str, code: str | None
    ) -> Completion:
        body = {"error": {"message": message, "type": kind, "param": None, "code": code}}
        return Completion(status, self._headers(draws, error_seconds(draws)), body)
