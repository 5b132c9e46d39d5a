"""Keys of cells: digests of what they depend on, as far as it is known before one is run."""

import hashlib
import sys
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from flagbench import subject_loading
from flagbench.acceptance.prover import Prover
from flagbench.cassette import store
from flagbench.installed_files import is_installed
from flagbench.observed_inputs import of_process
from flagbench.process_watch import current_variables
from flagbench.run.counterfactual import RECORDED
from flagbench.run.options import Options
from flagbench.scenario.designs import Combination
from flagbench.scenario.loading import Scenario
from flagbench.scenario.own_checks import OwnChecks
from flagbench.series.known_cells.file_digests import FileDigests, installation
from flagbench.series.known_cells.project_code import Code, ProjectCode, shown

# What Python itself and the C library read.
_READ_BY_PYTHON = ("TZ", "LANG", "LANGUAGE")
_READ_BY_PYTHON_PREFIXES = ("LC_", "PYTHON")


class CellKeys:
    """Keys of the cells of a run; what the cells of a scenario share is computed once."""

    def __init__(
        self, options: Options, prover: Prover, digests: FileDigests, code: ProjectCode
    ) -> None:
        self._options = options
        self._prover = prover
        self._digests = digests
        self._code = code
        self._shared: dict[Path, str | None] = {}
        self._of_modules: dict[tuple[str, ...], Code] = {}
        self._of_scenarios: dict[Path, Code] = {}
        self._looked_at = set[str]()
        self._end_of_modules = (0, "")
        self._unseen = set[str]()

    def key(self, scenario: Scenario, combination: Combination, trial: int) -> str | None:
        """The key of a cell; None for one that is never known."""
        shared = self._shared_digest(scenario)
        recording = store.cassette_path(self._options.cassettes, scenario, trial)
        content = self._digests.of_file(str(recording))
        if shared is None or not self._is_settled(str(recording)):
            return None
        parts = (
            shared, content, str(trial), str(trial == scenario.pictured_trial),
            repr(sorted(scenario.environment(combination).items())), combination.id,
        )  # fmt: skip
        return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()

    def look_again(self) -> bool:
        """Look for files that were changed while the run went on; True if there are new ones.

        Which of its contents was read, nothing tells: cells that depend on one have no key.
        """
        is_new = self._digests.look_again()
        if is_new:
            self._shared.clear()
        return is_new

    def unseen(self) -> list[str]:
        """Files of the project that were loaded where nobody saw what they read.

        Such as a `conftest.py`, with what it imports: whatever they read or set may be an input.
        """
        # Modules are in the order of their import: nothing is new behind the same last one.
        end = len(sys.modules), next(reversed(sys.modules))
        if end == self._end_of_modules:
            return sorted(self._unseen)
        self._end_of_modules = end
        new = sys.modules.keys() - self._looked_at
        self._looked_at |= new
        seen = {name for inputs in of_process().values() for name in inputs.modules}
        self._unseen.update(
            shown(str(sys.modules[name].__file__)) for name in new - seen if _is_of_project(name)
        )
        return sorted(self._unseen)

    def code_of(self, *modules: str) -> Code:
        """The code that modules import."""
        if modules not in self._of_modules:
            self._of_modules[modules] = self._code.of(modules)
        return self._of_modules[modules]

    def code_of_scenario(self, scenario: Scenario) -> Code:
        """The code of a scenario's subject and judges."""
        if scenario.path not in self._of_scenarios:
            self._of_scenarios[scenario.path] = self._read_code(scenario)
        return self._of_scenarios[scenario.path]

    def _read_code(self, scenario: Scenario) -> Code:
        checks = [check for own in _own_checks(scenario) for check in own.kinds.values()]
        judges = sorted({check.judge for check in checks if check.judge is not None})
        return self.code_of(
            subject_loading.entry_module(scenario.subject),
            *(judge.rpartition(".")[0] for judge in judges),
        )

    def _shared_digest(self, scenario: Scenario) -> str | None:
        if scenario.path not in self._shared:
            self._shared[scenario.path] = self._digest(scenario) if self._may(scenario) else None
        return self._shared[scenario.path]

    def _may(self, scenario: Scenario) -> bool:
        """True for a function under recorded conditions, whose checks read what is declared."""
        options = self._options
        runs_tools = any(
            check.judge is None for own in _own_checks(scenario) for check in own.kinds.values()
        )
        return not (
            scenario.command
            or options.provisional
            or options.counterfactual != RECORDED
            or (options.require_isolation and scenario.acceptance)
            or runs_tools
        )

    def _digest(self, scenario: Scenario) -> str | None:
        code = self.code_of_scenario(scenario)
        installed, is_settled = installation()
        read = [str(scenario.path), *self._read_by(scenario)]
        digests = [f"{shown(path)} {self._digests.of_file(path)}" for path in read]
        of_code = self._code.digest(code)
        if code.unknown or not is_settled:
            return None
        if not all(map(self._is_settled, (*read, *self._code.paths(code), *code.folders))):
            return None
        obstacle = self._prover.obstacle if scenario.acceptance else None
        parts = (
            installed, self._of_python, of_code, *digests, str(scenario.path), scenario.subject,
            scenario.provider, scenario.model, scenario.tokenizer, str(scenario.prices),
            str(bool(scenario.acceptance)), str(obstacle), repr(scenario.requests),
        )  # fmt: skip
        return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()

    def _is_settled(self, path: str) -> bool:
        return self._digests.is_settled(path)

    def _read_by(self, scenario: Scenario) -> Iterator[str]:
        """The files beside the scenario's that it names."""
        if scenario.prices is not None:
            yield str(scenario.prices)
        if file := scenario.tokenizer.partition(":")[2]:
            yield file
        for own in _own_checks(scenario):
            for path in (path for check in own.kinds.values() for path in check.reads):
                place = own.place_of(path)
                below = sorted(place.rglob("*")) if place.is_dir() else [place]
                yield from (str(each) for each in below if not each.is_dir())

    @cached_property
    def _of_python(self) -> str:
        return repr(
            sorted(
                (name, value)
                for name, value in current_variables().items()
                if name in _READ_BY_PYTHON or name.startswith(_READ_BY_PYTHON_PREFIXES)
            )
        )


def _own_checks(scenario: Scenario) -> list[OwnChecks]:
    return [each for each in scenario.acceptance[:1] if isinstance(each, OwnChecks)]


def _is_of_project(name: str) -> bool:
    path = getattr(sys.modules.get(name), "__file__", None)
    if not isinstance(path, str) or is_installed(path):
        return False
    # The command that was called, such as `pytest`.
    return Path(path).parent != Path(sys.executable).parent
