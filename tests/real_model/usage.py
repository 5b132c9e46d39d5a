"""Usage that the real model's server reported, beside a count: a table of docs/real-model.md.

python tests/real_model/usage.py scenarios/smollm2-*.yaml      needs `make model`

Each recorded prompt and answer is counted with the model's own tokenizer, which its server has, and
with o200k_base, which flagbench would take for a model that it knows nothing of.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from model_server import serving

from flagbench.cassette import file
from flagbench.cassette.usage.chat import count_messages
from flagbench.cassette.usage.tally import Tally
from flagbench.http_library import httpx
from flagbench.scenario import loading
from flagbench.tokenizer import o200k_counter

CASSETTES = Path(__file__).resolve().parents[2] / "cassettes"
HEADER = (
    "scenario | calls | prompt tokens reported | counted | o200k_base | completion tokens reported "
    "| counted | o200k_base"
)
Counts = tuple[int, int, int, int, int, int]


def _counts(request: Any, answer: Any, server: httpx.Client) -> Counts:
    """Reported, counted, o200k_base of the prompt, and the same of the answer."""
    (choice,), messages = answer["choices"], request["messages"]
    text = choice["message"]["content"]

    def tokens(content: str) -> int:
        asked = {"content": content, "parse_special": True}
        return len(server.post("/tokenize", json=asked).json()["tokens"])

    prompt = server.post("/apply-template", json={"messages": messages}).json()["prompt"]
    tally = Tally(o200k_counter(), "")
    count_messages(messages, tally)
    assert tally.total is not None
    ended = choice["finish_reason"] == "stop"  # by a token that is in no text
    usage = answer["usage"]
    return (
        usage["prompt_tokens"], tokens(prompt), tally.total,
        usage["completion_tokens"], tokens(text) + ended, o200k_counter().count(text),
    )  # fmt: skip


def _row(path: Path, server: httpx.Client) -> str:
    scenario = loading.load(path)
    folder = CASSETTES / scenario.provider / scenario.name
    calls = [
        _counts(json.loads(call.request_body), json.loads(call.response_body), server)
        for cassette in sorted(folder.glob("*.yaml"))
        for call in file.load(cassette, record_command="make real-model").interactions
    ]
    sums = [sum(column) for column in zip(*calls, strict=True)]

    def beside(reported: int) -> Iterator[str]:
        yield f"{sums[reported]:,}"
        for counted in sums[reported + 1 : reported + 3]:
            yield f"{counted:,} ({counted / sums[reported] - 1:+.1%})"

    return " | ".join((f"`{scenario.name}`", str(len(calls)), *beside(0), *beside(3)))


def main(paths: Sequence[Path]) -> None:
    """Print a row for each scenario."""
    with serving() as url, httpx.Client(base_url=url.removesuffix("/v1"), timeout=600) as server:
        lines = [f"| {HEADER} |", "|---|---:|---:|---:|---:|---:|---:|---:|"]
        lines += [f"| {_row(path, server)} |" for path in paths]
    sys.stdout.write("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
