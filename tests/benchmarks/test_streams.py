"""What a replayed stream costs: ten times the chunks cost ten times as much."""

import json
from collections.abc import Callable
from dataclasses import replace

from replayed import Made, cassette, messages, ratio_of
from test_replay import cell_of

from flagbench.cassette.cassette import Cassette
from flagbench.cassette.chunks import Chunk

FEW, MANY = 1_000, 10_000


def streamed(chunks: int) -> Cassette:
    """A cassette of one answer in so many chunks."""
    (call,) = cassette(1).interactions
    delta = {"choices": [{"index": 0, "delta": {"content": "word "}, "finish_reason": None}]}
    event = f"data: {json.dumps(delta)}\n\n".encode()
    end = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\n'
    body = event * (chunks - 1) + end + b"data: [DONE]\n\n"
    timed = [Chunk(len(event) * (place + 1), 0.5 + place / 1000) for place in range(chunks - 1)]
    asked = {"messages": messages(0), "model": "gpt-4o-mini", "stream": True}
    one = replace(
        call,
        request_body=json.dumps(asked).encode(),
        headers={"content-type": ("text/event-stream",)},
        response_body=body,
        elapsed_seconds=20.0,
        chunks=(*timed, Chunk(len(body), 19.5)),
    )
    return Cassette.of(cassette(1).path, {}, [one])


async def read(requests: object, flags: object, client: object, *, model: str, **_: object) -> Made:
    """A subject that reads one stream to its end."""
    stream = await client.chat.completions.create(  # type: ignore[attr-defined]
        model=model, messages=messages(0), stream=True
    )
    async for _event in stream:
        pass
    return Made((), {})


def test_ten_times_the_chunks_cost_ten_times_as_much(
    benchmark: Callable[..., object], report: Callable[..., None]
) -> None:
    """10,000 chunks against 1,000, replayed and measured."""
    many, few = (cell_of(read, streamed(chunks)) for chunks in (MANY, FEW))
    ratio = ratio_of(many, few, rounds=5)
    report("stream of 10,000 chunks / of 1,000", ratio, "at most 12")
    benchmark(few)
    assert ratio <= 12
