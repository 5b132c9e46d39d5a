"""Tokens: what a call used, from its texts or as the provider reports it."""

from case import COULD_NOT_RUN, Case
from provider.chat import ODD_USAGE

# Each is asked once, with 11 tokens, and answers with one.
_ALL_ODD = (11 * len(ODD_USAGE), len(ODD_USAGE))

CASES = (
    Case("chat", "plain", "m-plain", {"none": (31, 2), "all": (11, 2)}, "counted"),
    Case("stream", "stream", "m-plain"),
    Case("stream-usage", "stream_usage", "m-plain"),
    Case("stream-tools", "stream_tools", "m-plain"),
    Case("responses", "responses", "m-plain"),
    Case("responses-hidden", "responses", "m-hidden"),
    Case("responses-stream", "responses_stream", "m-plain"),
    Case("responses-go-on", "responses_go_on", "m-plain"),
    Case("completions", "completions", "m-plain"),
    Case("completions-stream", "completions_stream", "m-plain"),
    Case("embeddings", "embeddings", "m-plain"),
    Case("status-201", "plain", "m-201"),
    Case("tool-call", "plain", "m-tool"),
    Case("tool-call-unreported", "plain", "m-tool-unreported"),
    Case("tools", "tools", "m-plain"),
    Case("functions", "functions", "m-plain"),
    Case("schema", "schema", "m-plain"),
    Case("history", "history", "m-plain"),
    Case("image", "image", "m-plain"),
    Case("parts", "parts", "m-parts"),
    Case("audio", "plain", "m-audio"),
    Case("audio-unreported", "plain", "m-audio-unreported", verdict=COULD_NOT_RUN),
    Case("reasoning", "plain", "m-reasoning"),
    Case("reasoning-beside", "plain", "m-reasoning-beside"),
    Case("thinking", "plain", "m-thinking"),
    Case("refusal", "plain", "m-refusal"),
    Case("blanks", "plain", "m-blanks"),
    Case("special", "plain", "m-special"),
    Case("text-message", "plain", "m-text-message"),
    Case("choices", "plain", "m-choices"),
    Case("speech", "speech", "m-plain", verdict=COULD_NOT_RUN, says=["POST /v1/audio/speech"]),
    Case("vendor", "vendor", "m-plain"),
    Case("models", "models", "m-plain"),
    Case("html", "plain", "m-html", verdict=COULD_NOT_RUN),
    Case("bad-gateway", "plain", "m-502"),
    Case("cached", "plain", "m-cached"),
    Case("odd-usage", "odd_usage", "m-plain", {"none": _ALL_ODD, "all": _ALL_ODD}, "counted"),
)
