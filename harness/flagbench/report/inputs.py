"""Inputs of a run: its command, and the digests of the files and of the code that it read.

They are part of the reports, so that `flagbench reproduce` can verify them before it replays.
"""

import hashlib
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from flagbench import yaml_lines
from flagbench.errors import InputError
from flagbench.report import named_files, subject_code
from flagbench.report.series_report import RunReport, SeriesReport
from flagbench.run.options import Options
from flagbench.scenario.loading import NOT_SCENARIOS
from flagbench.scenario.schema import ScenarioFile
from flagbench.shell_command import operand
from flagbench.verdict import accepted_files, baseline, baseline_trace

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Inputs:
    """The inputs of a run. `files` and `code` map a name to a SHA-256, or to `UNKNOWN`.

    A file is named by its path from the root of the project, code by its top module.
    """

    command: str
    files: Mapping[str, str]
    code: Mapping[str, str]

    def document(self) -> dict[str, Any]:
        """The inputs as plain values."""
        return {"command": self.command, "files": dict(self.files), "code": dict(self.code)}


def of(report: RunReport, options: Options, root: Path) -> Inputs:
    """The inputs of a run whose project has its root there."""
    scenarios = report.by_scenario()
    documents = {name: document_of(Path(members[0].path)) for name, members in scenarios.items()}
    files = set[Path]()
    for name, members in scenarios.items():
        files |= {path.resolve() for path in _files(name, members, documents[name], options, root)}
    tokenizer = Path(options.tokenizer.partition(":")[2])
    files |= {path.resolve() for path in (options.prices, tokenizer) if path and path.is_file()}
    modules = modules_of(documents.values())
    code = {path.resolve() for name in modules[1:] for path in subject_code.files(name).values()}
    reads = {path for member in report.series for path in member.reads}
    read = {Path(path).resolve() for path in reads}
    files |= {path for path in read - code if path.is_relative_to(root.resolve())}
    return Inputs(
        command=_command(scenarios, documents, root, options),
        files={name_of(path, root): digest_of(path) for path in sorted(files)},
        code={module: subject_code.digest(module) or UNKNOWN for module in modules},
    )


def modules_of(scenarios: Iterable[Mapping[str, Any]]) -> list[str]:
    """The top modules of the code that scenarios are run with: flagbench, subjects and judges."""
    documents = list(scenarios)
    named = {subject for document in documents
             if isinstance(subject := document.get("subject"), str)}  # fmt: skip
    named |= {judge for document in documents for judge in named_files.judges(document)}
    return ["flagbench", *sorted({subject_code.module_of(name) for name in named} - {"flagbench"})]


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, `UNKNOWN` for one that cannot be read, such as a pipe."""
    if not path.is_file():
        return UNKNOWN
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return UNKNOWN


def name_of(path: Path, root: Path) -> str:
    """The path from the root of the project; of a file elsewhere, the whole path."""
    root = root.resolve()
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def document_of(path: Path) -> Mapping[str, Any]:
    """The keys of a scenario; none of a file that could not be read, which the run has reported."""
    try:
        document, _ = yaml_lines.read(path)
    except (InputError, yaml.YAMLError, OSError):
        return {}
    return document if isinstance(document, Mapping) else {}


def _files(
    name: str,
    members: Sequence[SeriesReport],
    document: Mapping[str, Any],
    options: Options,
    root: Path,
) -> Iterator[Path]:
    """The files that the run of a scenario reads beside code."""
    path = Path(members[0].path)
    yield path
    for other in NOT_SCENARIOS:
        if (path.parent / other).is_file():
            yield path.parent / other
    yield from named_files.files(path, document, root)
    yield from named_files.tree(path.parent / "solutions" / name, path.parent)
    for trial in range(1, members[0].trials + 1):
        cassette = options.cassettes / members[0].provider / name / f"{trial}.yaml"
        if cassette.is_file():
            yield cassette
    for of_kind in (baseline, baseline_trace, accepted_files):
        if (accepted := of_kind.path_of(options.baselines, name)).is_file():
            yield accepted


def _command(
    scenarios: Mapping[str, Sequence[SeriesReport]],
    documents: Mapping[str, Mapping[str, Any]],
    root: Path,
    options: Options,
) -> str:
    """The command that runs these series again, with its folders where they are not the usual."""
    words = ["flagbench", "run"]
    chosen = dict[str, None]()
    for name, members in scenarios.items():
        path = operand(name_of(Path(members[0].path).resolve(), root))
        measured = [member.combination for member in members]
        if not all(member.is_own_design for member in members):
            chosen |= dict.fromkeys(member.combination for member in members if member.place >= 0)
        elif set(measured) < set(members[0].declared):
            words += [f"{path}::{combination}" for combination in measured]
            continue
        words.append(path)
        words += _overrides(members[0], documents[name])
    words += [f"--{name}={folder}" for name, folder in _folders(options, root)]
    words += [word for combination in chosen for word in ("--combination", combination)]
    return shlex.join(dict.fromkeys(words) if not chosen else words)


def _folders(options: Options, root: Path) -> Iterator[tuple[str, str]]:
    """The folders of recordings and baselines that a run was given, by their options."""
    for name, folder in (("cassettes", options.cassettes), ("baselines", options.baselines)):
        if folder.resolve() != (root / name).resolve():
            yield name, name_of(folder.resolve(), root)


def _overrides(series: SeriesReport, document: Mapping[str, Any]) -> Iterator[str]:
    """The options that gave a scenario another provider, model or number of trials."""
    own = {
        name: document.get(name, ScenarioFile.model_fields[name].default)
        for name in ("provider", "model", "trials")
    }
    provider = own["provider"]
    own["provider"] = provider.get("name") if isinstance(provider, Mapping) else (
        getattr(provider, "name", provider)
    )  # fmt: skip
    for name, value in own.items():
        if getattr(series, name) != value:
            yield f"--{name}={getattr(series, name)}"
