"""The optimizer of `flagbench optimize`: its settings and measurements outlive a process."""

import importlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flagbench.atomic_file import write_whole
from flagbench.cli.output import say
from flagbench.errors import InputError, Problem, problem_in

STATE = "optimizer.json"
_FIGURES = ("operation", "items", "seconds", "cpu", "memory", "plain", "failed")


def part(name: str) -> Any:
    """A module of the optimizer, which is a generator: the harness knows it by its dotted path."""
    return importlib.import_module(f"flagbench_generators.optimizer.{name}")


@contextmanager
def wrong_input() -> Iterator[None]:
    """Turn a `ValueError` of the optimizer into an `InputError`."""
    try:
        yield
    except ValueError as error:
        raise InputError(problem_in(str(error))) from error


class Desk:
    """An optimizer with what earlier processes left in the folder of its disk cache.

    `chosen` are the variables that commands have set; those of the environment come before them.
    """

    def __init__(self) -> None:
        make = part("performance_optimizer").PerformanceOptimizer
        self._environment = {name: text for name, text in os.environ.items() if text.strip()}
        with wrong_input():
            self.path = make(self._environment).disk_cache_path / STATE
            state = self._read()
            self.chosen: dict[str, str] = state["chosen"]
            self.optimizer = make({**self.chosen, **self._environment})
        self.optimizer.monitor.measurements.extend(state["measurements"])
        self.optimizer.counts.update(state["counts"])

    def _read(self) -> dict[str, Any]:
        nothing: dict[str, Any] = {"chosen": {}, "measurements": [], "counts": {}}
        try:
            state = json.loads(self.path.read_text(encoding="utf-8"))
            found = {name: type(empty)(state[name]) for name, empty in nothing.items()}
            # One that another version wrote may lack a figure: a KeyError, reported below.
            found["measurements"] = [
                {name: record[name] for name in _FIGURES} for record in state["measurements"]
            ]
            return found  # noqa: TRY300
        except FileNotFoundError:
            return nothing
        except (OSError, ValueError, KeyError, TypeError) as error:
            say(f"flagbench: {self.path}: cannot be read, begun again: {error}", err=True)
            return nothing

    def choose(self, variable: str, value: str) -> None:
        """Set a variable for later processes, too. Raises `InputError` where another overrules."""
        if self._environment.get(variable, value).strip().lower() != value:
            what = f"{variable}={self._environment[variable]} in the environment overrules it"
            raise InputError(Problem(what, fix=f"unset {variable}"))
        self.chosen[variable] = value
        self.save()

    def save(self) -> None:
        """Keep settings and measurements. Raises `InputError`."""
        state = {"chosen": self.chosen, "counts": self.optimizer.counts,
                 "measurements": list(self.optimizer.monitor.measurements)}  # fmt: skip
        try:
            write_whole(self.path, json.dumps(state))
        except OSError as error:
            what = f"cannot be written: {error}"
            raise InputError(
                Problem(what, where=str(self.path), fix="set DISK_CACHE_PATH")
            ) from error
