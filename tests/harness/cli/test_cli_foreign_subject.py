"""Any text of a subject and a model, through every command from its recording to its pages."""

import json
import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from bench import Bench
from foreign_files import entry, har
from foreign_text import PIECES, RAW, command
from scripted_provider import Answer, scripted_provider

# A subject says each text wherever it says something.
SUBJECT = """
import json
from tiny import File, Happened, Made, write

TEXT = {text!r}
SHOWN = TEXT.encode("utf-8", "replace").decode()

async def run(requests, flags, client, *, model, listener, workdir, **more):
    long = "" if flags["TINY_SHORT"] == "true" else "please, "
    answer = await client.chat.completions.create(
        model=model, messages=[{{"role": "user", "content": long + SHOWN}}],
        extra_headers={{"X-Agent": json.dumps(TEXT)[:900], "X-Phase": json.dumps(TEXT)[:900],
                       "X-Client-Request-Id": json.dumps(TEXT)[:900]}},
    )
    print(TEXT.encode("utf-8", "replace").decode())
    listener(Happened(TEXT, TEXT, {{TEXT: TEXT, "message": TEXT, "agent": TEXT}}))
    made = Made([File(TEXT, TEXT, answer.choices[0].message.content, bool(long), TEXT)], {{}})
    object.__setattr__(made, "metrics", {{"lint": (float(len(flags)), TEXT, "lower")}})
    return made

run.factors = write.factors
"""
# Every piece, and what is live on a page of Markdown or HTML.
TEXT = "".join(PIECES) + "![x](http://x.invalid/a.png) @octocat </script><b> ]]> | `"


def test_every_command_takes_any_text(
    bench: Bench,
    subject_module: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is recorded, run, accepted, explained and shown: all is whole, and nothing is obeyed."""
    house = bench.house
    monkeypatch.setenv("OPENAI_API_KEY", "some-key")
    house.edit("tiny.write", subject_module(SUBJECT.format(text=TEXT)))
    stored = TEXT.encode("utf-8", "replace").decode()
    shown = json.dumps(
        re.sub("[\0-\x08\x0b-\x1f\x7f-\x9f\uffff\u2028]", "", stored), ensure_ascii=False
    )
    house.edit("title: Three small functions", f"title: {shown}")
    house.edit('    approval_rate: ">= 85 %"\n', f"model: {shown}\n")
    with scripted_provider(lambda asked: Answer(stored, usage=(10**40, 10**40))) as provider:
        asking = ("--provider", "own", "--base-url", provider.base_url, "--yes")
        code, said = command(house.path, "record", "scenarios/tiny.yaml", *asking)
    assert code == 0, said
    house.edit("trials: 2", "provider: {name: own}\ntrials: 2")
    run(bench, "--flagbench-accept-baselines")
    accepted = json.loads(house.baseline.read_text())
    accepted["series"]["short"]["tokens"]["value"] *= 3
    house.baseline.write_text(json.dumps(accepted))
    run(bench, "--flagbench-shard=1/1", "--flagbench-reports=one")
    house.path.joinpath("calls.har").write_text(har(entry(stored)))
    for words in (
        ("merge", "one/latest"),
        ("import", "calls.har", "--scenario", "scenarios/tiny.yaml", "--dry-run"),
        ("what-if", "scenarios/tiny.yaml", "--set", "provider.speed=2"),
        ("compare", "none", "all", "--requests"),
        ("attribute",),
        ("plan", "scenarios/tiny.yaml"),
        ("scrub", "--check"),
        ("view", "--export", "site"),
    ):
        code, said = command(house.path, *words)
        assert code in (0, 1, 3), said
    pages = list(house.path.joinpath("site").rglob("*.html"))
    assert len(pages) > 10
    for page in pages:
        assert RAW.search(page.read_text(encoding="utf-8")) is None, page


def run(bench: Bench, *arguments: str) -> None:
    """Run the scenario: four series are measured, and pytest's files are as valid as ours."""
    result = bench("--junitxml=junit.xml", "--flagbench-provider=own", *arguments)
    assert RAW.search(re.sub("\x1b\\[[0-9;]*m", "", result.stdout.str())) is None
    assert "INTERNALERROR" not in result.stdout.str()
    ElementTree.parse(bench.house.path / "junit.xml")  # noqa: S314  of pytest
