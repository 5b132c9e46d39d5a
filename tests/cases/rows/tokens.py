"""Tokens and dollars: what a call used, from its texts or as the provider reports it."""

import json

from case import COULD_NOT_RUN, Case, Seen
from provider.chat import ODD_USAGE

# The request is "Write a function.": 4 tokens, and 7 of the format of a chat message. The flag
# drops 20 or 200 tokens of filler. The plain answer has 2 tokens, the streamed program 240.
SHORT, LONG, LONGER = 11, 31, 211
# Each of them is asked once, and answers with one token.
ALL_ODD = (SHORT * len(ODD_USAGE), len(ODD_USAGE))

WORDS = json.dumps(
    {
        "version": "1.0",
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "model": {"type": "WordLevel", "vocab": {"[UNK]": 0}, "unk_token": "[UNK]"},
        "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
        "post_processor": None, "decoder": None,
    }
)  # fmt: skip
OWN_PRICES = """
- {model: m-plain, since: 2026-01-01, input: 10, output: 100, source: ours}
- {model: m-cached, since: 2026-01-01, input: 10, output: 100, source: ours}
- {model: m-reasoning, since: 2026-01-01, input: 0, output: 1, reasoning: 3, source: ours}
"""


def both(none: tuple[int, int], short: tuple[int, int] | None = None) -> dict[str, tuple[int, int]]:
    """Prompt and completion tokens of `none`, and of `all` where the flag makes a difference."""
    return {"none": none, "all": short or none}


def costs(usd: float | None) -> "Check":
    """Check the dollars of `none`."""
    return Check("usd", usd)


class Check:
    """Check a figure of `none`."""

    def __init__(self, figure: str, expected: float | None) -> None:
        self._figure = figure
        self._expected = expected

    def __call__(self, seen: Seen) -> str:
        """The difference, "" for none."""
        measured = getattr(seen.cells["none"], self._figure)
        wrong = f"{self._figure} is {measured}, {self._expected} would be right"
        return "" if measured == self._expected else wrong


STREAMED = both((LONGER, 240), (SHORT, 240))
REPORTED = both((500, 220))
ONLY_COMPLETION = ["tokens: mixed (completion reported)"]
ONLY_PROMPT = ["tokens: mixed (prompt reported)"]

CASES = (
    Case("chat", "plain", "m-plain", both((LONG, 2), (SHORT, 2)), "counted",
         says=["provider reports -61.3% prompt"]),
    Case("chat-unreported", "plain", "m-unreported", both((LONG, 2), (SHORT, 2)), "counted"),
    Case("status-201", "plain", "m-201", both((LONG, 2), (SHORT, 2)), "counted"),
    Case("models", "models", "m-plain", both((LONG, 2), (SHORT, 2)), "counted"),
    Case("bad-gateway", "plain", "m-502", both((0, 0))),
    Case("choices", "plain", "m-choices", both((LONG, 63), (SHORT, 63)), "counted"),
    Case("special", "plain", "m-special", both((LONG, 21), (SHORT, 21)), "counted"),
    Case("text-message", "odd_bodies.same", "m-text-message", verdict=COULD_NOT_RUN, mends=True,
         says=["the provider's answer cannot be used: its messages are"]),
    Case("blanks", "plain", "m-blanks", both((LONG, 7822), (SHORT, 7822)), "counted"),
    # Streams. The simulated provider does not stream, so that there is no forecast.
    Case("stream", "stream", "m-plain", STREAMED, "counted",
         says=["the cost is unknown: nothing was recorded before (no forecast: the subject"]),
    Case("stream-usage", "stream_usage", "m-plain", STREAMED, "counted",
         says=["provider reports +137.0% prompt tokens"]),
    Case("stream-tools", "stream_tools", "m-plain", both((303, 241), (103, 241)), "counted"),
    # Other APIs.
    Case("responses", "responses", "m-plain", STREAMED, "counted"),
    Case("responses-stream", "responses_stream", "m-plain", STREAMED, "counted"),
    Case("responses-hidden", "responses", "m-hidden", both((LONGER, 220), (SHORT, 220)), "mixed",
         says=ONLY_COMPLETION),
    Case("responses-go-on", "responses_go_on", "m-plain", both((500, 240)), "mixed",
         says=ONLY_PROMPT),
    Case("completions", "completions", "m-plain", REPORTED, "reported"),
    Case("completions-stream", "completions_stream", "m-plain", REPORTED, "reported"),
    Case("completions-unreported", "completions", "m-unreported", verdict=COULD_NOT_RUN,
         says=["POST /v1/completions", "m-unreported, whose tokenizer is not known"]),
    Case("completions-counted", "completions", "davinci-002", both((204, 240), (4, 240)), "counted",
         says=["provider reports +145.1% prompt"]),
    Case("embeddings", "embeddings", "m-plain", both((900, 0)), "reported"),
    Case("embeddings-counted", "embeddings", "text-embedding-3-small", both((1204, 0), (4, 0)),
         "counted"),
    Case("embeddings-unreported", "embeddings", "m-unreported", verdict=COULD_NOT_RUN,
         says=["POST /v1/embeddings"]),
    Case("vendor", "vendor", "m-plain", both((70, 8)), "reported", says=["tokens: reported"]),
    Case("vendor-unreported", "vendor", "m-unreported", verdict=COULD_NOT_RUN,
         says=["POST /v1/vendor/generate", "no usage"]),
    Case("speech", "speech", "m-plain", verdict=COULD_NOT_RUN, says=["POST /v1/audio/speech"]),
    # Tools: the definitions of ten, or of one; a call in the answer, and one in the history.
    Case("tools", "tools", "m-plain", both((823, 2), (103, 2)), "counted"),
    Case("functions", "functions", "m-plain", both((823, 2), (103, 2)), "counted"),
    Case("tool-call", "plain", "m-tool", both((LONG, 294), (SHORT, 294)), "counted",
         says=["+12.2% completion tokens"]),
    Case("tool-call-unreported", "plain", "m-tool-unreported", both((LONG, 294), (SHORT, 294)),
         "counted"),
    Case("history", "history", "m-plain", both((1037, 2)), "counted"),
    # What an answer says beside its content.
    Case("refusal", "plain", "m-refusal", both((LONG, 61), (SHORT, 61)), "counted"),
    Case("thinking", "plain", "m-thinking", both((LONG, 722), (SHORT, 722)), "counted",
         check=Check("reasoning_tokens", 721)),
    Case("parts", "parts", "m-parts", both((35, 2), (15, 2)), "counted"),
    # What nobody can count.
    Case("image", "image", "m-plain", both((12, 2)), "mixed", says=ONLY_PROMPT),
    Case("image-unreported", "image", "m-unreported", verdict=COULD_NOT_RUN,
         says=["a part of type 'image_url' cannot be counted"]),
    Case("schema", "schema", "m-plain", both((12, 2)), "mixed", says=ONLY_PROMPT),
    Case("audio", "plain", "m-audio", both((LONG, 90), (SHORT, 90)), "mixed", says=ONLY_COMPLETION),
    Case("audio-unreported", "plain", "m-audio-unreported", verdict=COULD_NOT_RUN,
         says=["audio cannot be counted"]),
    Case("reasoning", "plain", "m-reasoning", both((LONG, 1500), (SHORT, 1500)), "mixed",
         says=[*ONLY_COMPLETION, "reasoning tokens: none 1,490"]),
    Case("reasoning-beside", "plain", "m-reasoning-beside", both((LONG, 1500), (SHORT, 1500)),
         "mixed", says=ONLY_COMPLETION),
    Case("reasoning-unreported", "plain", "o3-mini", verdict=COULD_NOT_RUN,
         says=["hidden reasoning cannot be counted"]),
    # Tokenizers of other models.
    Case("foreign", "plain", "claude-3-5-haiku", both((40, 7)), "reported",
         says=["tokens: reported"]),
    Case("foreign-unreported", "plain", "llama-3.1-8b", verdict=COULD_NOT_RUN,
         says=["llama-3.1-8b, whose tokenizer is not known", "name the model's tokenizer"]),
    Case("foreign-named", "plain", "llama-3.1-8b", both((25, 2), (10, 2)), "counted",
         keys={"tokenizer": "tokenizers:words.json"}, files={"words.json": WORDS}),
    Case("encoding-named", "embeddings", "m-unreported", both((1204, 0), (4, 0)), "counted",
         keys={"tokenizer": "cl100k_base"}),
    # Usage of an odd type is ignored.
    Case("odd-usage", "odd_usage", "m-plain", both(ALL_ODD), "counted"),
    # Dollars.
    Case("cached", "plain", "m-cached", both((4000, 1)), "mixed",
         says=["cached prompt tokens: none 3,900"], check=costs(None)),
    Case("cached-price", "plain", "gpt-4o-mini", both((4000, 1)), "mixed",
         check=costs((100 * 0.15 + 3900 * 0.075 + 0.6) / 1e6)),
    Case("cached-without-price", "plain", "m-cached", both((4000, 1)), "mixed",
         keys={"prices": "own.yaml"}, files={"own.yaml": OWN_PRICES}, check=costs(None),
         says=["US$ unknown: cached prompt tokens of m-cached have no price"]),
    Case("own-prices", "plain", "m-plain", keys={"prices": "own.yaml"},
         files={"own.yaml": OWN_PRICES}, check=costs((LONG * 10 + 2 * 100) / 1e6)),
    Case("reasoning-price", "plain", "m-reasoning", keys={"prices": "own.yaml"},
         files={"own.yaml": OWN_PRICES}, check=costs((10 * 1 + 1490 * 3) / 1e6)),
)  # fmt: skip
