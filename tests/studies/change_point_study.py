"""False and missed changes of level in noise whose truth is known.

`python tests/studies/change_point_study.py [sequences]` prints the share of sequences of 20 and of
40 values that have a change where there is none, and of those whose step of three spreads in the
middle is found within a value of its place.
"""

import random
import sys

from flagbench.analysis.statistics.change_points import change_points, noise_of

LENGTHS = (20, 40)
STEP = 3.0


def sequence(source: random.Random, length: int, step: float) -> list[float]:
    """Two levels of as many values; the noise within each has a standard deviation of 1."""
    return [source.gauss(level, 1) for level in (100, 100 + step) for _ in range(length // 2)]


def shares(length: int, sequences: int, seed: int = 1) -> tuple[float, float]:
    """The shares of false changes, and of steps that are found."""
    source = random.Random(seed)  # noqa: S311  made data
    false = found = 0
    for _ in range(sequences):
        level, stepped = sequence(source, length, 0.0), sequence(source, length, STEP)
        false += bool(change_points(level, noise_of(level)))
        places = change_points(stepped, noise_of(stepped))
        found += any(abs(place - length // 2) <= 1 for place in places)
    return false / sequences, found / sequences


def main(sequences: int) -> None:
    """Print a row for each length."""
    for length in LENGTHS:
        false, found = shares(length, sequences)
        sys.stdout.write(f"| {length} values | {false:.1%} false | {found:.1%} found |\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)
