"""What repeated texts cost on disk and to load."""

import json
from typing import Any

from replayed import ANSWER, PROMPT, ratio_of

from flagbench.cassette import serializer

CALLS = 200


def recording() -> dict[str, Any]:
    """Calls whose prompts repeat a standard and the earlier answers of their session of ten."""
    return {"version": 1, "interactions": [call(number) for number in range(CALLS)]}


def call(number: int) -> dict[str, Any]:
    """One of them, in vcrpy's structure."""
    earlier = "".join(f"# file {place}\n{ANSWER}\n" for place in range(number % 10))
    prompt = PROMPT.replace(". ", ".\n") + f"{earlier}Write file {number}.\n"
    request = {"messages": [{"role": "user", "content": prompt}]}
    response = {"choices": [{"message": {"content": f"# file {number}\n{ANSWER}"}}]}
    return {
        "request": {"method": "POST", "uri": "u", "headers": {}, "body": json.dumps(request)},
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": {},
            "body": {"string": json.dumps(response)},
        },
    }


def test_repeated_texts_make_a_cassette_smaller_and_no_slower_to_load(
    benchmark, report, monkeypatch
):
    """200 calls of which most lines repeat, against the same file with every text in full."""
    shared = serializer.serialize(recording())
    with monkeypatch.context() as patch:
        patch.setattr(serializer, "divide", lambda _: ([], {}))
        patch.setattr(serializer, "SHARED_FROM_CHARACTERS", 10**9)
        patch.setattr(serializer, "_SHARED_FROM_SIZE", 10**9)
        in_full = serializer.serialize(recording())
    assert serializer.deserialize(shared) == serializer.deserialize(in_full)
    size = len(shared) / len(in_full)
    ratio = ratio_of(
        lambda: serializer.deserialize(shared), lambda: serializer.deserialize(in_full), rounds=7
    )
    report("size of a cassette / with texts in full", size, "at most 0.5")
    report("loading a cassette / with texts in full", ratio, "at most 1")
    benchmark.pedantic(lambda: serializer.deserialize(shared), rounds=3)
    assert size <= 0.5
    assert ratio <= 1.0
