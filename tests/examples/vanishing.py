"""`flagbench` with a file or folder that is removed the moment the command first reads it.

Arguments: the path, then those of the command.
"""

import os
import shutil
import sys
from pathlib import Path

from flagbench.cli.main import main

_READS = ("open", "os.scandir", "os.listdir")


def remove_when_read(path: str) -> None:
    """Remove a path just before the first listing or opening of it."""
    waiting = [Path(path).absolute()]

    def listen(event: str, arguments: tuple[object, ...]) -> None:
        if event not in _READS or not waiting or not isinstance(arguments[0], str | os.PathLike):
            return
        if Path(arguments[0]).absolute() == waiting[0]:
            victim = waiting.pop()
            (shutil.rmtree if victim.is_dir() else os.unlink)(victim)

    sys.addaudithook(listen)


if __name__ == "__main__":
    remove_when_read(sys.argv.pop(1))
    main()
