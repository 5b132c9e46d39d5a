"""Shards of a run, merged: the same bytes as one machine writes, or one error that names each."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from bench import Bench

from flagbench.cli.main import cli

from click.testing import CliRunner, Result

FILES = ("cells.jsonl", "summary.json", "report.md", "report.html", "cells.parquet")


def files_of(folder: Path) -> dict[str, bytes]:
    """The content of each result file, and of the refuted files."""
    kept = sorted(folder.glob("artifacts/*"))
    return {str(path.relative_to(folder)): path.read_bytes() for path in
            (*(folder / name for name in FILES), *kept)}


def run_shards(bench: Bench, of: int, *arguments: str) -> list[Path]:
    """The folder of each shard's reports, all run in this process."""
    for number in range(1, of + 1):
        bench(f"--flagbench-shard={number}/{of}", f"--flagbench-reports=s{number}", *arguments)
    return [bench.house.path / f"s{number}" / "latest" for number in range(1, of + 1)]


def merge(*folders: Path) -> Result:
    """The command, in the house's folder."""
    from flagbench.errors import FlagbenchError
    result = CliRunner().invoke(cli, ["merge", *map(str, folders)])
    if isinstance(result.exception, FlagbenchError):
        result.exit_code = result.exception.exit_code
    return result


@pytest.mark.parametrize("of", [1, 2, 3, 8])
def test_merged_shards_are_the_bytes_of_one_machine(accepted: Bench, of: int) -> None:
    """More shards than items, too; the history gets the line of the whole run."""
    accepted()
    whole = files_of(accepted.latest)
    shutil.rmtree(accepted.house.path / "reports")
    folders = run_shards(accepted, of)
    assert not list(accepted.house.path.glob("s*/history"))
    result = merge(*reversed(folders))
    assert result.exit_code == 0, result.output + str(result.exception)
    for name, content in files_of(accepted.latest).items():
        if content != whole[name]:
            import difflib
            raise AssertionError("\n".join(x[:300] for x in difflib.unified_diff(whole[name].decode().split("\n"), content.decode().split("\n"), n=0, lineterm="")))
    assert files_of(accepted.latest) == whole
    assert (accepted.house.path / "reports" / "history" / "tiny.jsonl").is_file()
