"""The projects of docs/examples: their recordings, and the scripted model of each."""

import json
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from installed import ROOT

from flagbench.cassette import file
from flagbench.cassette.cassette import Interaction, canonical

EXAMPLES = ROOT / "docs" / "examples"
# A generator of one's own -> the style that `flagbench init` knows it by.
OWN = {
    "own-generator": "async",
    "sync-queries": "sync",
    "threads-translations": "sync",
    "node-command": "command",
}
# What another run writes, or another environment has.
UNWANTED = ("reports", ".*", "__pycache__")


def endpoint_of(example: str) -> ModuleType:
    """The scripted model that an example was recorded from."""
    path = EXAMPLES / example / "endpoint.py"
    spec = spec_from_file_location(f"endpoint_of_{example}", path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def recorded(cassettes: Path) -> dict[str, list[Interaction]]:
    """What is recorded in a folder, by file, but for what a clock and a client's version make.

    Latencies are measured, threads are recorded as they come, and openai 1 puts `messages` before
    `model`.
    """
    return {
        path.name: sorted(
            (
                replace(
                    interaction,
                    elapsed_seconds=0.0,
                    request_body=canonical(json.loads(interaction.request_body)).encode(),
                )
                for interaction in file.load(path, record_command="").interactions
            ),
            key=lambda interaction: interaction.request_body,
        )
        for path in cassettes.glob("*.yaml")
    }
