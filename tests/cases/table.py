"""All cases, and `python tests/cases/table.py`, which runs them and prints a table.

A case is a row in a file of `rows/`; a new file is one more name here.
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from case import Case, Grade, grade
from click import echo
from project import run
from provider.server import running
from rows import bodies, time, tokens

CASES: tuple[Case, ...] = (*tokens.CASES, *bodies.CASES, *time.CASES)


def main(names: list[str]) -> int:
    """Print what became of the cases (of those named, or of all); 1 if any is wrong."""
    counts: Counter[Grade] = Counter()
    with running() as base_url, tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            if names and case.name not in names:
                continue
            answered, why = grade(case, run(case, Path(folder, case.name), base_url))
            counts[answered] += 1
            echo(f"{answered.value:12} {case.name:28} {why}")
    echo(", ".join(f"{counts[kind]} {kind.value}" for kind in Grade))
    return 1 if counts[Grade.WRONG] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
