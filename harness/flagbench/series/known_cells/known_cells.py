"""Measured cells of earlier runs, kept with everything that they depend on."""

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from flagbench.acceptance.prover import Prover
from flagbench.checked_rows import CheckedRows
from flagbench.inputs_read import Inputs
from flagbench.installed_files import is_installed
from flagbench.observed_inputs import names_in, of_process
from flagbench.process_watch import current_variables, variables_at_start
from flagbench.run.environment import is_sealed
from flagbench.run.options import Options
from flagbench.run.own_files import SUBJECT_CACHE
from flagbench.run.time_labels import EXACT
from flagbench.scenario.designs import Combination
from flagbench.scenario.loading import Scenario
from flagbench.series.known_cells.cell_keys import CellKeys
from flagbench.series.known_cells.file_digests import ABSENT, FileDigests
from flagbench.series.known_cells.loaded_packages import LoadedPackages
from flagbench.series.known_cells.project_code import ProjectCode, shown
from flagbench.series.known_cells.rows import packed, read
from flagbench.series.local_work import Pair
from flagbench.series.series import MeasuredCell

FILE_NAME = "cells.sqlite"
_BOUND_BYTES = 512 << 20
_BOUND_OF_REPETITIONS_BYTES = 32 << 20
# Variables that differ from call to call of a command. They do not count for code that goes through
# all variables, only for code that reads them by name.
_VOLATILE = re.compile(
    r"_|OLDPWD|SHLVL|COLUMNS|LINES|WINDOWID|XDG_SESSION_ID|SSH_(?:CLIENT|CONNECTION|TTY|AUTH_SOCK)"
    r"|PYTEST_(?:CURRENT_TEST|VERSION|XDIST_WORKER|XDIST_WORKER_COUNT|XDIST_TESTRUNUID)"
)
_NO_FILES = ("/proc/", "/sys/", "/dev/")
# Folders of a user in which stevedore, which many libraries use, keeps what it found in installed
# distributions. It writes there while the subject runs, and the installation counts anyway.
_OF_INSTALLATION = ("/python-entrypoints/", "/Python Entry Points/")
# Kinds of what a cell was seen to read.
_FILE, _PLACE, _FOLDER, _VARIABLE = "file", "place", "folder", "variable"
_PACKAGES = "packages"
_VARIABLES, _VARIABLES_OF_CELL = "variables", "variables of a cell"

Seen = str
"""The kind of what was read, its name, and the digest of its content, with `_BETWEEN` between."""
_BETWEEN = "\0"  # which is in no kind and no digest


class KnownCells:
    """Known cells of a run; without a folder for proofs, there are none.

    A cell of a command or of a subject that starts programs is never known: nothing tells what
    those read.
    """

    def __init__(self, options: Options, prover: Prover) -> None:
        path = options.proofs / FILE_NAME if options.proofs else None
        self._is_used, self._is_read = options.proofs is not None, not options.replay_all
        self._cells = CheckedRows(path, "cells", _BOUND_BYTES)
        self._repetitions = CheckedRows(path, "repetitions", _BOUND_OF_REPETITIONS_BYTES)
        self._digests = FileDigests(str(options.reports.absolute()))
        self._packages = LoadedPackages()
        self._code = ProjectCode(self._digests, CheckedRows(path, "imports"))
        self._keys = CellKeys(options, prover, self._digests, self._code)
        self._has_written = False
        self._latest: dict[Path, tuple[object, list[Seen] | None]] = {}
        # What rows say in their first lines, and whether it is as it was. Cells of a scenario share
        # the lines, and those of a subject most of what they say.
        self._heads: dict[bytes, bool] = {}
        self._same = set[Seen]()

    def find(self, scenario: Scenario, combination: Combination) -> dict[int, MeasuredCell]:
        """The known cells of a series, by their trials."""
        if not (self._is_used and self._is_read):
            return {}
        keys = self._keys_of(scenario, combination)
        rows = self._cells.get(keys.values())
        found = {
            trial: read(rows[key], self._are_same) for trial, key in keys.items() if key in rows
        }
        cells = {trial: cell for trial, cell in found.items() if cell is not None}
        if len(cells) < scenario.trials:
            self._forget()  # the code that is about to run may change anything
        return cells

    def keep(
        self, scenario: Scenario, combination: Combination, cells: Sequence[MeasuredCell]
    ) -> None:
        """Keep the cells of a series that were replayed, all or none."""
        keepable = [
            cell
            for cell in cells
            if not (cell.is_known or cell.starts_programs) and cell.measurement.time == EXACT
        ]
        if not (self._is_used and keepable):
            return
        seen = self._seen_so_far(scenario)
        keys = self._keys_of(scenario, combination)
        if keys and seen is not None:
            self._has_written = True
            head = json.dumps(seen).encode()
            rows = {
                keys[trial]: packed(cell, head)
                for cell in keepable
                if (trial := cell.measurement.trial) in keys
            }
            self._cells.put({key: row for key, row in rows.items() if row is not None})

    def repeated(
        self,
        scenario: Scenario,
        combination: Combination,
        measure: Callable[[], list[Pair]],
        *,
        is_known: bool,
    ) -> list[Pair]:
        """Repeated measurements of local work: those kept of a known series, else made again."""
        own = self._keys_of(scenario, combination).get(1)
        control = self._keys_of(scenario, scenario.control).get(1)
        if own is None or control is None:
            return measure()
        key = own + control
        row = self._repetitions.get([key]).get(key) if is_known else None
        if row is not None:
            head, _, body = row.partition(b"\n")
            if self._are_same(head):
                return [(first, second) for first, second in json.loads(body)]
        self._forget()
        pairs = measure()
        seen = self._seen_so_far(scenario)
        if seen is not None and self._keys_of(scenario, combination).get(1) == own:
            self._has_written = True
            row = json.dumps(seen).encode() + b"\n" + json.dumps(pairs).encode()
            self._repetitions.put({key: row})
        return pairs

    def unseen(self) -> tuple[str, ...]:
        """Files of the project that were loaded where nobody saw what they read: none is known."""
        return tuple(self._keys.unseen()) if self._is_used else ()

    def close(self) -> None:
        """Bound the size of what is kept."""
        if self._has_written:
            self._cells.trim()
            self._repetitions.trim()

    def _keys_of(self, scenario: Scenario, combination: Combination) -> dict[int, str]:
        if not self._is_used or self._keys.unseen():
            return {}
        trials = range(1, scenario.trials + 1)
        keys = {trial: self._keys.key(scenario, combination, trial) for trial in trials}
        return {trial: key for trial, key in keys.items() if key is not None}

    def _seen_so_far(self, scenario: Scenario) -> list[Seen] | None:
        """The same as `_seen`, computed again only when more was read or a file was changed."""
        if self._keys.look_again():
            self._latest.clear()
        amount = [(key, inputs.amount) for key, inputs in of_process().items()]
        if scenario.path not in self._latest or self._latest[scenario.path][0] != amount:
            self._latest[scenario.path] = amount, self._seen(scenario)
        return self._latest[scenario.path][1]

    def _seen(self, scenario: Scenario) -> list[Seen] | None:
        """Inputs that cells of a subject have read in this process beside its code.

        None if a part of it was changed after the process began, or if a program was started while
        a subject was loaded. What the code of another subject read counts, unless it is in the
        packages of that subject alone.
        """
        code = self._keys.code_of_scenario(scenario)
        covered = set(self._code.paths(code))
        files, places, variables, ways = set[str](), set[str](), set[str](), set[str]()
        folders = dict[str, set[str]]()
        cache = current_variables().get(SUBJECT_CACHE)
        flags = {factor.env for factor in scenario.factors}
        for (module, in_cell), inputs in of_process().items():
            if inputs.programs and not in_cell:
                return None
            other = self._keys.code_of(module)
            own = other.packages - code.packages
            paths = [*inputs.files, *self._late_modules(inputs, other.files)]
            files.update(path for path in paths if path not in covered and not _is_in(path, own))
            places.update(path for path in inputs.places if not _is_in(path, own))
            for path, names in (*inputs.folders.items(), *inputs.later_names):
                if not _is_in(path, own) and _counts(path, cache):
                    digest = self._digests.names_digest(path, names)
                    folders.setdefault(path, set()).add(digest)
            variables.update(
                name
                for name in inputs.variables - {SUBJECT_CACHE}
                if not (in_cell and (is_sealed(name) or name in flags))
            )
            if inputs.all_variables:
                ways.add(_VARIABLES_OF_CELL if in_cell else _VARIABLES)
        files = {path for path in files if _counts(path, cache)}
        places = {path for path in places - covered if _counts(path, cache)}
        looks = {path: self._digest(_PLACE, path) for path in sorted(places)}
        if not all(map(self._is_settled, files)) or not all(map(self._digests.is_settled, looks)):
            return None
        packages = self._packages.names()
        if not self._packages.are_settled(packages):
            return None
        if any(len(digests) > 1 for digests in folders.values()):  # changed while the run went on
            return None
        return [_BETWEEN.join(parts) for parts in (
            *((_FILE, shown(path), self._digests.of_file(path)) for path in sorted(files)),
            *((_PLACE, shown(path), digest) for path, digest in looks.items()),
            *((_FOLDER, shown(path), *digests) for path, digests in sorted(folders.items())),
            *((_VARIABLE, name, self._digest(_VARIABLE, name)) for name in sorted(variables)),
            *((way, "", self._digest(way, "")) for way in sorted(ways)),
            (_PACKAGES, packages, self._digest(_PACKAGES, packages)),
        )]  # fmt: skip

    def _is_settled(self, path: str) -> bool:
        """True if a file is now as the code of this process has read it, or would read it."""
        is_gone = self._digests.of_file(path) == ABSENT and any(
            inputs.files.get(path) for inputs in of_process().values()
        )
        return not is_gone and self._digests.is_settled(path)

    def _late_modules(self, inputs: Inputs, known: Mapping[str, str]) -> Iterator[str]:
        """The code of modules that were imported by a computed name."""
        names = {name for _, name in inputs.imports} | inputs.modules
        late = sorted(name for name in names - known.keys() if self._keys.code_of(name).files)
        if late:
            yield from self._code.paths(self._keys.code_of(*late))

    def _digest(self, kind: str, name: str) -> str:
        if kind == _FILE:
            return self._digests.of_file(str(Path(name).absolute()))
        if kind == _PLACE:
            return self._digests.of_place(str(Path(name).absolute()))
        if kind == _PACKAGES:
            return self._packages.digest(name)
        if kind == _FOLDER:
            path = str(Path(name).absolute())
            return self._digests.names_digest(path, names_in(path))
        # Code may have changed a variable after it was read, and somebody before a second run.
        both = (variables_at_start(), current_variables())
        if kind == _VARIABLE:
            text = repr([variables.get(name) for variables in both])
        else:
            text = repr([_without_volatile(variables, kind) for variables in both])
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()

    def _are_same(self, head: bytes) -> bool:
        """True if what a row's first line says is as it is now; computed once until code runs."""
        if head not in self._heads:
            new = set(json.loads(head)) - self._same
            self._heads[head] = all(map(self._is_same, new))
        return self._heads[head]

    def _is_same(self, seen: Seen) -> bool:
        """True if what was read is as it was."""
        kind, _, rest = seen.partition(_BETWEEN)
        name, _, digest = rest.rpartition(_BETWEEN)
        checks = {_FILE: self._is_settled, _PLACE: self._digests.is_settled}
        is_same = self._digest(kind, name) == digest and (
            kind not in checks or checks[kind](str(Path(name).absolute()))
        )
        if is_same:
            self._same.add(seen)
        return is_same

    def _forget(self) -> None:
        self._heads.clear()
        self._same.clear()


def _counts(path: str, subject_cache: str | None) -> bool:
    """False for files and folders of Python, of the system, and of the subject's cache."""
    as_folder = path + os.sep
    return not (
        is_installed(as_folder)
        or any(folder in as_folder for folder in _OF_INSTALLATION)
        or as_folder.startswith(_NO_FILES)
        or path.endswith(".pyc")
        or (subject_cache and _is_in(path, {subject_cache}))
    )


def _without_volatile(variables: Mapping[str, str], kind: str) -> list[tuple[str, str]]:
    return sorted(
        (name, value)
        for name, value in variables.items()
        if name != SUBJECT_CACHE
        and not _VOLATILE.fullmatch(name)
        and not (kind == _VARIABLES_OF_CELL and is_sealed(name))
    )


def _is_in(path: str, folders: set[str]) -> bool:
    return any(path == folder or path.startswith(f"{folder}/") for folder in folders)
