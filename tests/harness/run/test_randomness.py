"""Randomness of a cell: the same numbers for the same seed, and none of it outside."""

# ruff: noqa: S311  no number here is a secret

import os
import random
import secrets
import tempfile
import uuid
from collections.abc import Callable

import numpy as np
import pytest

from flagbench.run.randomness import seeded

SOURCES: dict[str, Callable[[], object]] = {
    "random": random.random,
    "shuffle": lambda: random.sample(range(1000), 5),
    "a generator of its own": lambda: random.Random().random(),
    "seeded again with nothing": lambda: (random.seed(), random.random()),
    "SystemRandom": lambda: random.SystemRandom().random(),
    "os.urandom": lambda: os.urandom(8),
    "secrets": lambda: (secrets.token_hex(4), secrets.choice(range(10_000))),
    "uuid4": uuid.uuid4,
    "uuid1": lambda: (uuid.uuid1().node, uuid.uuid1().clock_seq),
    "numpy, global": lambda: np.random.rand(3).tolist(),
    "numpy, a generator": lambda: np.random.default_rng().integers(1 << 40),
}


@pytest.mark.parametrize("draw", SOURCES.values(), ids=SOURCES)
def test_a_seed_gives_the_same_numbers(draw: Callable[[], object]) -> None:
    """Whatever was drawn before it; another seed gives others."""

    def drawn(seed: str) -> object:
        random.random(), os.urandom(3), np.random.rand()
        with seeded(seed):
            return [draw() for _ in range(3)]

    assert drawn("trial 1") == drawn("trial 1")
    if draw is not SOURCES["uuid1"]:  # its node is fixed
        assert drawn("trial 1") != drawn("trial 2")


def test_outside_the_numbers_go_on_as_if_nothing_had_been() -> None:
    """A plugin that seeds a test keeps its numbers; what must be random is."""
    before = (os.urandom, random.seed, random.Random.seed, uuid.getnode)

    def after(in_between: Callable[[], object]) -> list[object]:
        random.seed(7)
        np.random.seed(7)
        in_between()
        return [random.random(), np.random.rand()]

    def cell() -> None:
        with seeded("x"):
            random.random(), np.random.rand()

    assert after(cell) == after(lambda: None)
    assert (os.urandom, random.seed, random.Random.seed, uuid.getnode) == before
    assert len({os.urandom(8), os.urandom(8), secrets.token_bytes(8)}) == 3


def test_an_explicit_seed_is_the_subjects_own() -> None:
    """`random.Random(1)` is what it is everywhere."""
    with seeded("x"):
        assert random.Random(1).random() == 0.13436424411240122


def test_temporary_files_can_be_made() -> None:
    """Their names are drawn as well; the same name twice is another file."""
    with seeded("x"), tempfile.TemporaryDirectory() as first:
        tempfile._name_sequence = None  # as in a process that has made none
        with tempfile.TemporaryDirectory() as second:
            assert first != second
