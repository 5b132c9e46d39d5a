"""Runs of a suite, item by item, on the application and on mutants of it.

The application is served by another process, and what a mutant changes is changed here, between the
two. So an item can tell a mutant from none by the answers of the application alone. What it could
know by counting is worth nothing: the order of the runs that decide is drawn from the files, and
about half of them have no mutant.
"""

import hashlib
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from flagbench.acceptance.mutants import MUTANTS, MutatedRoutes
from flagbench.acceptance.relay import Relay
from flagbench.acceptance.sandbox.sandbox import Misbehaved, Raised, Sandbox

_SERVER = "flagbench.acceptance.probe.api:server_of_databases"
_TESTS = "flagbench.acceptance.probe.answer:tests"
_DATABASE = "app.db"
_ROUTES = "app/routes/"
# What a suite finds in the place of routes: they are served to it, not given.
_NO_ROUTES = "from fastapi import APIRouter\n\nrouter = APIRouter()\n"
# Runs that decide: of an item with each mutant that it caught at first, and without one more often
# than it caught mutants.
_MUTANT_RUNS, _MORE_NULL_RUNS = 2, 2
# Processes, of which each tries a part of the mutants.
_AT_ONCE = 2


class _Collection(BaseModel):
    """The items of a suite, and errors of their collection."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    collected: list[str]
    broken: list[str]


_COLLECTION, _FAILURE = TypeAdapter(_Collection), TypeAdapter(str | None)


def run_suite(
    sandbox: Sandbox, files: Mapping[str, str], path: str, address: str
) -> dict[str, Any]:
    """Run a suite once, and if it passes with each mutant; the fields of a `SuiteRun`.

    A mutant is caught if an item fails whenever it meets it, and never without one. Raises
    `Misbehaved` or `Raised` for a suite that ends its process.
    """
    with ExitStack() as stack, ThreadPoolExecutor(_AT_ONCE) as pool:
        begun = [pool.submit(_SuiteProcess, sandbox, files, path, address) for _ in range(_AT_ONCE)]
        stack.callback(_close_all, begun)
        first = begun[0].result()
        collection = first.collection
        result: dict[str, Any] = {
            "collected": collection.collected, "broken": collection.broken, "failed": {},
            "caught": {}, "flaky": {},
        }  # fmt: skip
        acting: list[frozenset[str]] = []
        # The other processes begin meanwhile.
        for item, name in enumerate([] if collection.broken else collection.collected):
            message = first.run(item)
            acting.append(first.acting)
            if message is not None:
                result["failed"][name] = message
        processes = [process.result() for process in begun]
        if (
            result["failed"]
            or not acting
            or any(process.collection != collection for process in processes)
        ):
            return result
        parts = [
            pool.submit(_try_mutants, process, MUTANTS[number::_AT_ONCE], acting,
                        _order_of(files, number))
            for number, process in enumerate(processes)
        ]  # fmt: skip
        catchers = {mutant: item for part in parts for mutant, item in part.result()[0].items()}
        flaky = {item: message for part in parts for item, message in part.result()[1].items()}
    result["caught"] = {
        mutant: mutant in catchers and catchers[mutant] not in flaky for mutant in MUTANTS
    }
    result["flaky"] = {collection.collected[item]: message for item, message in flaky.items()}
    return result


def _try_mutants(
    process: "_SuiteProcess", mutants: Sequence[str], acting: Sequence[frozenset[str]],
    order: random.Random,
) -> tuple[dict[str, int], dict[int, str]]:  # fmt: skip
    """Find an item that catches each mutant, and run it again, with the mutant and without.

    Returns the catcher of each mutant, and the failures of flaky items.
    """
    catchers: dict[str, int] = {}
    for mutant in mutants:
        for item, changing in enumerate(acting):
            if mutant in changing and process.run(item, mutant) is not None:
                catchers[mutant] = item
                break
    runs = [(item, mutant) for mutant, item in catchers.items()] * _MUTANT_RUNS
    for item, count in Counter(catchers.values()).items():
        runs += [(item, "")] * (count + _MORE_NULL_RUNS)
    order.shuffle(runs)
    flaky: dict[int, str] = {}
    for item, mutant in runs:
        if item in flaky or (mutant and mutant not in catchers):
            continue
        message = process.run(item, mutant)
        if mutant and message is None:
            del catchers[mutant]
        elif not mutant and message is not None:
            flaky[item] = message
    return catchers, flaky


def _close_all(begun: "Sequence[Future[_SuiteProcess]]") -> None:
    """Close the processes that have begun."""
    with ExitStack() as ending:
        for process in begun:
            if not process.exception():
                ending.callback(process.result().close)


def _order_of(files: Mapping[str, str], number: int) -> random.Random:
    """A generator that depends on the files alone, so that a proof can be repeated."""
    text = f"{number}" + "\0".join(f"{name}\0{files[name]}" for name in sorted(files))
    return random.Random(hashlib.sha256(text.encode("utf-8", "replace")).digest())  # noqa: S311  no secret


class _SuiteProcess:
    """A process that runs the items of a suite, and the server of its application; to be closed.

    `acting` are the mutants that changed or would have changed an answer of the last run.
    """

    def __init__(self, sandbox: Sandbox, files: Mapping[str, str], path: str, address: str) -> None:
        self.acting: frozenset[str] = frozenset()
        self._stack = ExitStack()
        try:
            place = self._stack.enter_context(sandbox.application())
            server = self._stack.enter_context(place.child(_SERVER, files, serves=True))
            own = _without_routes(files)
            try:
                server.ask({"database": _DATABASE})
            except Raised:  # so will each test that imports the application
                own = dict(files)
            place.tidy([_DATABASE])
            self._child = self._stack.enter_context(place.child(_TESTS, own))
            self._routes = MutatedRoutes(server.request, address)
            relay = Relay(self._child.take_listener(), self._routes)
            self._stack.callback(relay.close)
            self.collection = self._ask(
                _COLLECTION, {"do": "suite", "path": path, "address": address}
            )
        except BaseException:
            self._stack.close()
            raise

    def close(self) -> None:
        """End the process and its server."""
        self._stack.close()

    def run(self, item: int, mutant: str = "") -> str | None:
        """Run an item with a mutant, "" for none; its failure, None if it passes."""
        self._routes.begin(mutant)
        failure: str | None = self._ask(_FAILURE, {"item": item})
        self.acting = frozenset(self._routes.acting)
        return failure

    def _ask(self, form: TypeAdapter[Any], command: Mapping[str, Any]) -> Any:
        try:
            return form.validate_python(self._child.ask(command))
        except ValidationError as error:
            what = "the answer to suite does not match its schema"
            raise Misbehaved(f"{what}: {error.errors()[0]['msg']}") from error


def _without_routes(files: Mapping[str, str]) -> dict[str, str]:
    """The files with modules of routes that have none."""
    return {
        name: _NO_ROUTES if name.startswith(_ROUTES) and not name.endswith("__init__.py") else text
        for name, text in files.items()
    }
