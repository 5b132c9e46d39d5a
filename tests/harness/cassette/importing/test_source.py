"""Files that are not whole, not what they seem, or hostile: one error with its line."""

import json
from pathlib import Path

import pytest
from bench import Bench
from foreign_files import Import, answer, cassette_of, entry, error_of, har, request

from flagbench.cassette.importing import source

PAIR = json.dumps({"request": request("first"), "response": answer("to first")})
VCR = """\
interactions:
- request:
    body: '{"model": "m", "messages": []}'
    headers: {}
    method: POST
    uri: https://api.openai.com/v1/chat/completions
  response:
    body: {string: '{"choices": [{"message": {}}]}'}
    headers: {content-type: [application/json]}
    status: {code: 200, message: OK}
version: 1
"""
LAUGHS = "interactions:\n- &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"- &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(12)
)
BAD = {
    "empty": (b"", 1, "the file is empty"),
    "blanks": (b" \n\n", 1, "the file is empty"),
    "HTML": (b"<!DOCTYPE html>\n<html><body>Sign in</body></html>", 1, "it is an HTML page"),
    "words": (b"nothing of the kind", 1, "its format is not known"),
    "another JSON": (b'{"a": 1}', 1, "its format is not known"),
    "half a HAR": (har(entry("a"), entry("b")).encode()[:900], 1, "not whole JSON"),
    "half a pretty HAR": (
        json.dumps(json.loads(har(entry("a"))), indent=1).encode()[:300], 14, "not whole JSON"
    ),
    "half a line": (f"{PAIR}\n\n{PAIR[:99]}".encode(), 3, "not whole JSON"),
    "half a cassette": (VCR.removesuffix("version: 1\n").encode(), 11, "it ends early"),
    "a cassette cut between keys": (VCR[: VCR.index("  response")].encode(), 7, "it ends early"),
    "a cassette cut in quotes": (VCR[:50].encode(), 3, "not readable as YAML"),
    "wrong encoding": (VCR.replace("messages", "m\xe9ssages").encode("latin-1"), 3, "not UTF-8"),
    "UTF-16": (PAIR.encode("utf-16"), 1, "it is UTF-16"),
    "gzip": (b"\x1f\x8b\x08\x00\x00", 1, "it is compressed"),
    "Python tags": (
        b"interactions:\n- request: !!python/object/apply:os.system ['touch x']\nversion: 1\n",
        2, "it makes Python objects",
    ),
    "an old cassette": (
        b"- request: !!python/object:vcr.request.Request {body: null}\n", 1, "Python objects"
    ),
    "an alias bomb": (LAUGHS.encode(), 9, "aliases that expand without end"),
    "deep brackets": (b'{"log": ' + b"[" * 200_000, 1, "nested too deep"),
    "not a number": (b'{"log": {"entries": [NaN]}}', 1, "NaN is not a number of JSON"),
    "our own": (
        b"version: 1\nmetadata: {flagbench: {}}\ninteractions: []\n", 4, "it is a cassette of"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("content", "line", "said"), BAD.values(), ids=BAD)
def test_a_bad_file_is_refused_with_its_line(
    project: Bench, import_into: Import, tmp_path: Path, content: bytes, line: int, said: str
) -> None:
    """Also beside a good one, and the cassette that is there stays."""
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad"
    good.write_text(PAIR)
    import_into(good)
    before = cassette_of(project).read_bytes()
    bad.write_bytes(content)
    told = error_of(import_into(good, bad, "--yes"))
    assert said in told
    assert f"{bad}:{line}:" in told
    assert told.count(str(bad)) == 1
    assert cassette_of(project).read_bytes() == before
    assert not (project.house.path / "x").exists()


def test_a_folder_and_a_large_file_are_refused(import_into: Import, tmp_path: Path) -> None:
    """The folder with its fix; of a file of 1 GB, no more than the bound is read."""
    assert "it is a folder" in error_of(import_into(tmp_path))
    large = tmp_path / "large.har"
    with large.open("wb") as stream:
        stream.truncate(2**30)
    assert f"longer than {source.MOST_BYTES:,} bytes" in error_of(import_into(large))


def test_a_format_that_was_named_must_be_that_of_the_content(
    import_into: Import, tmp_path: Path
) -> None:
    """The error says what it looks like."""
    path = tmp_path / "it"
    path.write_text(PAIR)
    told = error_of(import_into(path, "--from", "har"))
    assert "it has nothing of the format har; it looks like jsonl" in told


def test_a_cassette_needs_a_scenario_with_a_real_provider(
    project: Bench, import_into: Import, tmp_path: Path
) -> None:
    """The simulated one gives no answers of a model. The trial is one of the scenario."""
    path = tmp_path / "it"
    path.write_text(PAIR)
    scenario = project.house.path / "scenarios" / "x.yaml"
    assert "--trial 2: the scenario has 1" in error_of(import_into(path, "--trial", 2))
    scenario.write_text(scenario.read_text().replace("provider: {name: mine}\n", ""))
    assert "the simulated one" in error_of(import_into(path))
    assert import_into(path, "--provider", "mine").exit_code == 0


def test_a_dry_run_writes_nothing(project: Bench, import_into: Import, tmp_path: Path) -> None:
    """It says what would be written."""
    path = tmp_path / "it"
    path.write_text(PAIR)
    told = import_into(path, "--dry-run")
    assert (told.exit_code, cassette_of(project).exists()) == (0, False)
    assert "would write cassettes/mine/x/1.yaml" in told.output


MISSHAPEN = {
    "HAR": {"log": {"entries": [
        1, {"request": [], "response": {"status": "x"}},
        {"request": {"url": 3, "method": "POST"}, "response": {"status": 200}},
        {"request": {"url": "http://[::1", "method": "POST"}, "response": {"status": 200}},
        {"request": {"url": "/v1/models", "method": "GET"}, "response": {"status": 10**20}},
    ]}},
    "vcrpy": {"version": 1, "interactions": [
        3, {"request": None, "response": None},
        {"request": {"method": "POST", "uri": 5}, "response": {"status": {"code": 200}}},
        {"request": {"method": "GET", "uri": "/"}, "response": {"status": {"code": 200},
                                                               "body": {"string": 3.5}}},
    ]},
    "OTLP": {"resourceSpans": [3, {"scopeSpans": [{"spans": [7, {"attributes": 5}]}]}]},
    "a span": {"context": {}, "attributes": {"gen_ai.request.model": "m",
                                             "gen_ai.input.messages": "[half"}},
    "console": {"context": {}, "attributes": 3, "events": 4},
    "LangSmith": {"runs": [{"run_type": "llm", "inputs": 3, "outputs": [1]}]},
    "LangSmith, a child": {"run_type": "llm", "child_runs": 5},
    "LangChain": {"run_type": "llm", "inputs": {"messages": [[3]]},
                  "outputs": {"generations": [[3]]},
                  "extra": {"invocation_params": {"model": "m"}}},
    "a batch": {"custom_id": [1], "body": {}},
    "a batch without an address": {"custom_id": "x", "body": {}},
    "lines": {"request": 3, "response": 4},
    "text": {"request": "x", "response": "", "url": 7},
}  # fmt: skip


@pytest.mark.parametrize("document", MISSHAPEN.values(), ids=MISSHAPEN)
def test_another_shape_is_an_error_and_no_traceback(
    project: Bench, import_into: Import, tmp_path: Path, document: object
) -> None:
    """Of a record it is a reason to skip it, of a whole file to refuse it."""
    path = tmp_path / "it"
    path.write_text(json.dumps(document))
    assert str(path) in error_of(import_into(path))
    assert not cassette_of(project).exists()
