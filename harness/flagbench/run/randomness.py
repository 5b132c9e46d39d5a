"""Randomness of a cell: every source that Python code draws from is seeded."""

import os
import random
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import Any

# A node id of no machine, in place of this one's network address.
_NODE = 0x010000000000


@contextmanager
def seeded(seed: str) -> Iterator[None]:
    """Seed every source of randomness of this process while the context is open.

    The same numbers come from `random`, `random.Random()`, `os.urandom`, and so from `secrets`,
    `uuid` and `numpy.random.default_rng()`; from the global state of `numpy.random`, if numpy has
    been imported. Afterwards each source goes on where it was.
    """
    source = random.Random(seed)  # noqa: S311  not for secrets: the same in every run on purpose
    seed_of_generator = random.Random.seed

    def seed_generator(generator: random.Random, a: Any = None, version: int = 2) -> None:
        seed_of_generator(generator, source.getrandbits(256) if a is None else a, version)

    def seed_global(a: Any = None, version: int = 2) -> None:
        seed_generator(random._inst, a, version)

    with ExitStack() as undo:
        undo.callback(random.setstate, random.getstate())
        random.seed(seed)
        numpy_random: Any = sys.modules.get("numpy.random")
        if numpy_random is not None:
            undo.callback(numpy_random.set_state, numpy_random.get_state())
            numpy_random.seed(source.getrandbits(32))
        for owner, name, value in (
            (os, "urandom", source.randbytes),
            (random, "_urandom", source.randbytes),
            (random, "seed", seed_global),
            (random.Random, "seed", seed_generator),
            (uuid, "getnode", lambda: _NODE),
        ):
            _replace(undo, owner, name, value)
        yield


def _replace(undo: ExitStack, owner: ModuleType | type, name: str, value: object) -> None:
    undo.callback(setattr, owner, name, getattr(owner, name))
    setattr(owner, name, value)
