"""Any text in a scenario, its file's name and a provider's answers, in what commands say of it."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest
from foreign_files import entry, har
from foreign_text import PIECES, TEXTS, command
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scripted_provider import Answer, Received, scripted_provider

from flagbench.printable import printable_line

FIELDS = ("title", "about", "model", "request", "level", "content", "error", "file")
SCENARIO = """title: {title}
about: {about}
subject: tiny.write
model: {model}
provider: {{name: own}}
trials: 2
requests: [{request}]
factors: {{short: {{env: TINY_SHORT, levels: ["false", "true", {level}], default: "false"}}}}
"""


# A key, since recordings of a real provider send it, and a terminal that has colours.
SURROUNDINGS = {"OPENAI_API_KEY": "some-key", "TERM": "xterm-256color", "COLUMNS": "100"}


def written(folder: Path, texts: dict[str, str]) -> str:
    """Write a scenario with these texts, as YAML can hold them; the path of its file."""
    (folder / "scenarios").mkdir(exist_ok=True)
    name = printable_line(texts["file"]).replace("/", "").replace("::", "").encode()[:60]
    path = folder / "scenarios" / f"a{name.decode(errors='ignore')}.yaml"
    words = {name: in_yaml(text) for name, text in texts.items()}
    path.write_text(SCENARIO.format(**words | {"level": in_yaml(nameable(texts["level"]))}))
    return str(path.relative_to(folder))


def in_yaml(text: str) -> str:
    """The text in quotes, with escapes of what YAML does not hold."""
    quoted = json.dumps(stored(text), ensure_ascii=False)
    return re.sub("[\x7f-\x9f\ufffe\uffff]", lambda found: f"\\u{ord(found[0]):04x}", quoted)


def stored(text: str) -> str:
    """The text without halves of an emoji, which UTF-8 does not hold."""
    return "x" + re.sub("[\ud800-\udfff]", "", text)


def nameable(text: str) -> str:
    """The text without what a level cannot have, as it is a part of the name of a series."""
    return printable_line(stored(text)).replace("+", "").replace(":", "")


def steps(url: str, path: str, level: str) -> Iterator[tuple[str, ...]]:
    """The commands, in their order, each with its arguments."""
    asking = ("record", path, "--provider", "own", "--base-url", url, "--yes")
    speed = ("what-if", path, "--set", "provider.speed=2")
    yield asking
    yield speed
    yield (*asking, "--fresh")
    yield ("what-if", path, "--sweep", "provider.speed=1,2", "--json")
    yield (*speed, "--combination", f"short={level}")
    yield (*asking, "--until-decided", "--fail-if", "tokens > +2%", "--combination", "none")
    yield ("import", "calls.har", "--scenario", path, "--dry-run")
    yield ("scrub", "--check")
    yield ("canary", "cassettes", "--base-url", url, "--yes", "--history", "lines.jsonl")


@pytest.mark.thorough
@pytest.mark.parametrize("at_terminal", [False, True], ids=["pipe", "terminal"])
@settings(max_examples=2)
@example(texts=dict.fromkeys(FIELDS, "".join(PIECES)), number=10**400)
@given(texts=st.fixed_dictionaries(dict.fromkeys(FIELDS, TEXTS)), number=st.integers(0, 10**30))
def test_every_command_takes_any_scenario(
    at_terminal: bool, texts: dict[str, str], number: int
) -> None:
    """It is recorded, replayed and explained; answers that no client can use are errors."""

    def answered(asked: Received) -> Answer:
        if asked.number <= 4:
            return Answer(texts["error"], status=400)
        return Answer(texts["content"], usage=(number, number))

    with TemporaryDirectory() as name, patch.dict(os.environ, SURROUNDINGS):
        folder = Path(name)
        path = written(folder, texts)
        (folder / "calls.har").write_text(har(entry(stored(texts["content"]))))
        with scripted_provider(answered) as provider:
            for words in steps(provider.base_url, path, stored(nameable(texts["level"]))):
                code, shown = command(folder, *words, at_terminal=at_terminal)
                assert code in (0, 3), (words[0], shown)
                if words[0] in ("record", "what-if") and "--json" not in words:
                    assert Path(path).stem in shown or "INCONCLUSIVE" in shown
        calls = json.loads((folder / "lines.jsonl").read_text())["calls"]
        assert {call["status"][1] for call in calls} == {200}
        changed = {**texts, "request": f"other {texts['request']}"}
        path = written(folder, changed)
        code, shown = command(folder, "what-if", path, "--set", "provider.speed=2",
                              at_terminal=at_terminal)  # fmt: skip
        assert code == 3
        assert "fix: flagbench record" in shown, shown
        for mode in ("--stale", "--fresh"):
            broken = Answer(body=stored(texts["error"]).encode())
            with scripted_provider(lambda _, broken=broken: broken) as provider:
                code, shown = command(folder, "record", path, "--base-url", provider.base_url,
                                      "--yes", mode, at_terminal=at_terminal)  # fmt: skip
            assert code == 3, shown
