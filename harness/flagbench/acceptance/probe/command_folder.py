"""Commands of a kept child, each in a folder that has its files and nothing else."""

from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flagbench.acceptance.sandbox.child_main import write_files

Answer = Callable[[dict[str, Any]], Any]


def in_folders(answer: Answer) -> Answer:
    """Execute each command with its own `files`, in a folder that has nothing else."""

    def execute(command: dict[str, Any]) -> Any:
        files = command.pop("files")
        with TemporaryDirectory(dir=Path.cwd()) as folder, chdir(folder):
            write_files(files)
            return answer(command)

    return execute
