"""Answers to chat completion requests: status, headers and body, without HTTP."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from flagbench.headers import CLOSED, ELAPSED, OUTCOME
from flagbench.simulator.completion_text import components, content
from flagbench.simulator.continuation import cut_off_answer, rest_of
from flagbench.simulator.enterprise.answer import Files
from flagbench.simulator.job import job_of, parameters_of, rest_of_job
from flagbench.simulator.latency import GATEWAY_SECONDS, answer_seconds, error_seconds
from flagbench.simulator.prompt_parser import Prompt, message_texts, read, schema_of_answer
from flagbench.simulator.repeats import repeated_answer
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
class _Asked:
    """A request as it is read: the prompt with its job, and the part of its answer that is shown.

    `whole_job` is the job of the whole answer; `shown` is None where no answer is to be continued.
    """

    body: Mapping[str, Any]
    prompt: Prompt
    whole_job: dict[str, Any]
    shown: str | None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "_Asked":
        """Read the messages of a request."""
        part = cut_off_answer(body)
        whole = body if part is None else part.body
        prompt = read(whole)
        return cls(body, prompt, job_of(whole, prompt), None if part is None else part.shown)

    @property
    def job(self) -> dict[str, Any]:
        """The job of this request: of the whole answer, or of its rest."""
        return self.whole_job if self.shown is None else rest_of_job(self.whole_job, self.shown)


@dataclass(frozen=True, slots=True)
class SimulatedProvider:
    """The simulated provider without HTTP.

    `count_tokens` gives the number of tokens of a text. An answer depends on settings, body, trial
    and occurrence only, not on earlier requests; its luck depends on the job, not on the wording.
    """

    settings: ProviderSettings
    count_tokens: Callable[[str], int]

    def answer(self, body: Mapping[str, Any], trial: int = 1, occurrence: int = 1) -> Completion:
        """Answer the `occurrence`-th identical request of a trial (both count from 1)."""
        if self.settings.by_trial:
            settings = self.settings.in_trial(trial)
            return SimulatedProvider(settings, self.count_tokens).answer(body, trial, occurrence)
        ids = Rng.of(self.settings.seed, body, trial, occurrence)
        problem = problem_in(body)
        if problem:
            return self._error(ids, ids, 400, problem, "invalid_request_error", None)
        asked = _Asked.of(body)
        draws = Rng.of(self.settings.seed, asked.job, trial, occurrence)
        failure = self._failure(draws, ids)
        return failure or self._completion(asked, draws, ids, trial, occurrence)

    def _failure(self, draws: Rng, ids: Rng) -> Completion | None:
        """The drawn failure in place of an answer, None where there is none."""
        if draws.chance("rate limit", self.settings.rate_limit):
            seconds = draws.integer("retry after", 1, LONGEST_RETRY_AFTER_SECONDS)
            message = f"Rate limit reached. Please try again in {seconds}s."
            answer = self._error(draws, ids, 429, message, "requests", "rate_limit_exceeded")
            answer.headers["retry-after"] = str(seconds)
            return answer
        if draws.chance("server error", self.settings.server_error):
            message = "The server had an error while processing your request."
            return self._error(draws, ids, 500, message, "server_error", None)
        if draws.chance("hang", self.settings.hang):
            answer = self._error(draws, ids, 504, "Gateway timeout.", "server_error", None)
            return answer._replace(headers=self._headers(ids, GATEWAY_SECONDS))
        if draws.chance("disconnect", self.settings.disconnect):
            message = "The connection was closed."
            answer = self._error(draws, ids, 502, message, "server_error", None)
            answer.headers[OUTCOME] = CLOSED
            return answer
        return None

    def _text(self, asked: "_Asked", trial: int, occurrence: int) -> str:
        """The whole answer, or the rest of one that was cut off."""

        def answer_to(occurrence: int) -> str:
            def drawn(job: Mapping[str, Any]) -> Rng:
                seed = self.settings.seed
                draws = Rng.of(seed, job, trial, occurrence)
                number = repeated_answer(asked.body, draws)
                return draws if number is None else Rng.of(seed, job, 0, number)

            if asked.prompt.order is None:
                return content(asked.prompt, drawn(asked.whole_job), self.settings)
            files = Files(asked.prompt.order, parameters_of(asked.body), drawn)
            return components(files, drawn(asked.whole_job), self.settings)

        if asked.shown is None:
            return answer_to(occurrence)
        return rest_of(asked.shown, answer_to)

    def _completion(
        self, asked: "_Asked", draws: Rng, ids: Rng, trial: int, occurrence: int
    ) -> Completion:
        body = asked.body
        text, reason = self._text(asked, trial, occurrence), "stop"
        tokens = self.count_tokens(text)
        most = body.get("max_completion_tokens") or body.get("max_tokens")
        if draws.chance("cut off", self.settings.cut_off):
            share = 0.3 + 0.6 * draws.unit("cut off share")
            most = min(most or tokens, max(1, int(tokens * share)))
        if most and tokens > most:
            text, reason = self._truncate(text, tokens, most), "length"
            tokens = self.count_tokens(text)
        prompt_tokens = self._prompt_tokens(body)
        answer = {
            "id": f"chatcmpl-{ids.hexadecimal('id', 24)}",
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
        return Completion(200, self._headers(ids, answer_seconds(tokens, draws)), answer)

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
        schema = schema_of_answer(body)
        # As if it were a text of the prompt: no provider publishes how it shows a schema.
        return total + (self.count_tokens(json.dumps(schema)) if schema is not None else 0)

    def _headers(self, ids: Rng, seconds: float) -> dict[str, str]:
        elapsed_ms = seconds * self.settings.latency_scale * 1000.0
        return {
            ELAPSED: f"{elapsed_ms:.3f}",
            "x-request-id": f"req_{ids.hexadecimal('request id', 32)}",
        }

    def _error(
        self, draws: Rng, ids: Rng, status: int, message: str, kind: str, code: str | None
    ) -> Completion:
        body = {"error": {"message": message, "type": kind, "param": None, "code": code}}
        return Completion(status, self._headers(ids, error_seconds(draws)), body)
