"""A project whose provider is a real one, and imports into it."""

from collections.abc import Callable

import pytest
from bench import Bench
from click.testing import CliRunner, Result
from foreign_files import Import

from flagbench.cli.import_cassette import import_
from flagbench.cli.main import COMMANDS

SCENARIO = """\
title: Two questions
about: Asks both, with a client of its own.
subject: {subject}
model: gpt-4o-mini
provider: {{name: mine}}
requests: [first, second]
factors: {{brief: {{env: BRIEF}}}}
trials: 1
design: named
combinations: [none, all]
"""
SUBJECT = """
import openai

def ask(client, words):
    messages = [{"role": "user", "content": words}]
    return client.chat.completions.create(model="gpt-4o-mini", messages=messages)

def run(requests, base_url):
    client = openai.OpenAI(base_url=base_url, api_key="any", max_retries=0)
    for words in requests:
        assert ask(client, words).choices[0].message.content
"""


@pytest.fixture
def project(
    bench: Bench, subject_module: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> Bench:
    """A bench with a scenario `x` of the provider `mine`, and nothing recorded for it."""
    monkeypatch.setenv("OPENAI_API_KEY", "any-key-of-mine")
    bench.house.write(SCENARIO.format(subject=subject_module(SUBJECT)), "x.yaml")
    return bench


@pytest.fixture
def import_into(project: Bench) -> Import:
    """Imports files into the scenario."""

    def run(*arguments: object) -> Result:
        words = [*map(str, arguments), "--scenario", "scenarios/x.yaml"]
        assert COMMANDS["import"].load() is import_
        return CliRunner().invoke(import_, words)

    return run
