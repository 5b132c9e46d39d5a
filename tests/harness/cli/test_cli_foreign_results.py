"""Any text in the fields of stored results, in the answers of the commands that read them."""

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

# pytester forgets what a run was first to import, and Arrow takes this no second time.
import pandas.core.arrays.arrow.extension_types  # noqa: F401
import pytest
from foreign_text import PIECES, TEXTS, command
from hypothesis import example, given, settings
from hypothesis import strategies as st
from made_cells import row, write
from whole_run import TOKENS

FIELDS = (
    "scenario", "provider", "model", "tokenizer", "cassette", "price_since", "flag", "level",
    "failure", "agent", "phase", "request_id", "kind", "path", "check", "message", "event",
    "warning", "metric", "unit", "service", "rule", "rate", "source",
)  # fmt: skip
# A file in UTF-8 has no half of an emoji.
STORED = TEXTS.map(lambda text: re.sub("[\ud800-\udfff]", "", text))
EVERYTHING = "".join(PIECES[2:])
# A word that starts with a letter in the conditions of a gate.
METRIC = "lint"
SCENARIO = "title: t\nabout: a\nsubject: tiny.write\nrequests: [x]\ntrials: 2\n"
READERS = (
    ("compare", "none", "all"),
    ("compare", "none", "all", "--requests", "--fail-if", "tokens > +2%"),
    ("compare", "none", "all", "--json", "--fail-if", "acceptance < -3pp"),
    ("compare", "nothing", "all"),
    ("plan", "one.yaml"), ("plan", "one.yaml", "--fail-if", "tokens > +2%"),
    ("plan", "one.yaml", "--combination", "all", "--effect", "lint 1"),
    ("export", "--tables", "csv", "--tables", "latex", "--tables", "parquet"),
    ("attribute",), ("attribute", "--json"), ("attribute", "nothing"),
)  # fmt: skip


def rows(texts: dict[str, str], number: int) -> list[dict[str, Any]]:
    """A full design of two flags in two trials, with these texts and a number in every field."""
    text = texts.__getitem__
    usage = {"calls": 1, "prompt_tokens": number, "completion_tokens": 1, "seconds": 1.0}
    made = []
    for combination, tokens in TOKENS.items():
        for trial in (1, 2):
            plain = row(combination, scenario=text("scenario"), trial=trial, tokens=(tokens,),
                        flags=("cache", "templates"))  # fmt: skip
            artifact, refuted = plain["artifacts"][0], {"request": 1, "approved": True}
            made.append({
                **plain,
                **{name: text(name) for name in ("provider", "model", "tokenizer", "price_since")},
                "cassette": f"{text('cassette')}{trial}",
                "flags": plain["flags"] | {f"-{text('flag')}": text("level")},
                "failed_calls": {text("failure"): 1},
                "by_agent": {text("agent"): usage}, "by_phase": {text("phase"): usage},
                "by_request": {text("request_id"): usage},
                "artifacts": [{**artifact, **{each: text(each)
                                              for each in ("request_id", "kind", "path")}}],
                "refuted": [{**refuted, "path": text("path"), "file": text("path"),
                             "check": text("check"), "message": text("message"), "sha256": ""}],
                "events": {text("event"): number}, "warnings": [text("warning")],
                "metrics": {METRIC: [1.0, text("unit"), "lower"],
                            f"-{text('metric')}": [float(trial), text("unit"), "lower"]},
                "services": {text("service"): {"calls": 1, "failed": 0, "seconds": None}},
                "service_calls": number,
                "normalised": {text("rule"): {"places": 1, "requests": 1}},
                "rates": plain["rates"] | {f"-{text('rate')}": [1, 2]},
                "tokens_source": plain["tokens_source"] | {f"-{text('source')}": text("source")},
            })  # fmt: skip
    return made


@pytest.mark.parametrize("words", READERS, ids=" ".join)
@settings(max_examples=2)
@example(texts=dict.fromkeys(FIELDS, EVERYTHING), number=10**300)
@given(texts=st.fixed_dictionaries(dict.fromkeys(FIELDS, STORED)), number=st.integers(0, 10**30))
def test_a_reader_of_results_shows_any_text(
    words: tuple[str, ...], texts: dict[str, str], number: int
) -> None:
    """Every answer is whole, has an exit code, and as JSON is read by a strict parser."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "one.yaml").write_text(SCENARIO)
        if words[0] == "plan":
            texts = {**texts, "scenario": "one"}
        write(Path(folder) / "reports" / "latest", rows(texts, number))
        code, shown = command(Path(folder), *words)
    assert code in ({2} if "nothing" in words else {0, 1, 3}), shown[-300:]
    if "--json" in words:
        json.dumps(json.loads(shown), ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"tokens":1000', '"tokens":1' + "0" * 400, "beyond the range of a float"),
        ('"model":"gpt', r'"model":"\ud83d', "differs from its checksum|unicode"),
        ('"model":"gpt', '"model":"\x1b[31m', "not JSON: Invalid control character"),
    ],
)
def test_a_row_that_nobody_wrote_is_an_error(tmp_path: Path, old: str, new: str, told: str) -> None:
    """It is named with its line, and nothing in the message is obeyed."""
    file = write(tmp_path / "reports" / "latest", [row(), row("all")]) / "cells.jsonl"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    code, shown = command(tmp_path, "compare", "none", "all")
    assert code == 2
    assert re.search(told, shown), shown
