"""Tokens in what a run says: their source, a provider that counts otherwise, unknown ones."""

import json
import shutil
from pathlib import Path

import pytest
from bench import Bench
from scripted_provider import Answer, Script, scripted_provider

PRICES = "- {model: gpt-4o-mini, since: 2026-01-01, input: 10, output: 0, source: ours}\n"


def recorded(bench: Bench, script: Script) -> Bench:
    """The bench, recorded again from other answers."""
    shutil.rmtree(bench.house.cassettes)
    with scripted_provider(script) as provider:
        bench.house.record(provider.base_url)
    return bench


def body(message: object, usage: object = None) -> bytes:
    """A chat completion."""
    return json.dumps({"choices": [{"message": message}], "usage": usage}).encode()


def test_a_difference_is_in_the_verdict_of_every_report(bench: Bench) -> None:
    """Beside KEPT, not in a footnote; also for programs."""
    text = "def answer(): ..."
    recorded(bench, lambda asked: Answer(text, usage=(9, 8)))
    result = bench("--flagbench-accept-baselines")
    shown = " ".join(result.stdout.str().split())
    assert "KEPT (provider reports" in shown
    said = bench.summary()["scenarios"]["tiny"]["series"]["none"]["remark"]
    assert said.startswith("provider reports -94.9% prompt")
    lines = (bench.latest / "report.md").read_text().splitlines()
    assert lines[0] == "# flagbench: 4 KEPT"
    assert any(line.startswith("- **KEPT (provider reports") for line in lines)
    assert f"KEPT</span> {said}" in (bench.latest / "report.html").read_text()


def test_nothing_is_said_where_counts_agree(accepted: Bench) -> None:
    """Nor where the provider reports nothing."""
    accepted()
    for series in accepted.summary()["scenarios"]["tiny"]["series"].values():
        assert series["remark"] == ""
    assert "tokens:" not in (accepted.latest / "report.md").read_text()


def test_reported_tokens_are_called_so(bench: Bench) -> None:
    """Sound cannot be counted; its tokens are in the sum."""
    message = {"content": None, "audio": {"data": "AA"}}
    usage = {"prompt_tokens": 171, "completion_tokens": 500}
    recorded(bench, lambda asked: Answer(body=body(message, usage)))
    bench("--flagbench-accept-baselines")
    series = bench.summary()["scenarios"]["tiny"]["series"]["none"]
    assert "tokens: mixed (completion reported)" in series["remark"]
    assert series["metrics"]["completion_tokens"] == 1500


def test_unknown_tokens_are_could_not_run_and_name_the_call(bench: Bench) -> None:
    """They are an error of every series, and no traceback."""
    message = {"content": None, "audio": {"data": "AA"}}
    recorded(bench, lambda asked: Answer(body=body(message)))
    result = bench()
    result.assert_outcomes(errors=4, passed=1)
    text = result.stdout.str()
    assert "COULD NOT RUN\nPOST /v1/chat/completions: the tokens of its completion are" in text
    assert "Traceback" not in text


@pytest.mark.parametrize("where", ["ini", "scenario"])
def test_a_project_names_its_prices_and_its_tokenizer(bench: Bench, where: str) -> None:
    """In the ini file from the root folder, or in a scenario from its own, which comes first."""
    house = bench.house
    (house.path / "prices.yaml").write_text(PRICES)
    if where == "ini":
        with (house.path / "pytest.ini").open("a") as ini:
            ini.write("flagbench_prices = prices.yaml\nflagbench_tokenizer = cl100k_base\n")
    else:
        house.edit("trials: 2", "trials: 2\nprices: ../prices.yaml\ntokenizer: cl100k_base")
    bench("--flagbench-accept-baselines")
    rows = [json.loads(line) for line in (bench.latest / "cells.jsonl").read_text().splitlines()]
    assert {row["tokenizer"] for row in rows} == {"cl100k_base"}
    assert {row["price_since"] for row in rows} == {"2026-01-01"}
    for row in rows:
        assert row["usd"] == round(row["prompt_tokens"] * 10 / 1e6, 8)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("tokenizer: o300k_base", "unknown tokenizer 'o300k_base'"),
        ("tokenizer: tokenizers:none.json", "cannot be read"),
        ("prices: none.yaml", "none.yaml: cannot be read"),
    ],
)
def test_a_wrong_name_is_wrong_input(bench: Bench, key: str, said: str) -> None:
    """With the file, without a traceback."""
    bench.house.edit("trials: 2", f"trials: 2\n{key}")
    result = bench()
    text = result.stdout.str()
    assert result.ret != 0
    assert said in text
    assert str(Path("scenarios")) in text
    assert "Traceback" not in text
