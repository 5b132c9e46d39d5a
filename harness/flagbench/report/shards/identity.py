"""Identity of a run: what all its shards, and the place where they are merged, must agree on."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flagbench import git
from flagbench.report import inputs, named_files, subject_code, versions
from flagbench.run.options import Options

# Options that change results, and are no folders: those are identified by their content.
_OPTIONS = (
    "provider", "model", "trials", "design", "combinations", "require_isolation",
    "run_unsandboxed", "tokenizer", "provisional",
)  # fmt: skip
_ROOT = "{root}"
NO_REPOSITORY = "no git repository"
_COMMIT, _CHANGES = GIT = ("commit", "tracked files that differ from it")


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders of a run as texts that mean the same on another machine.

    One below the root of the project begins with `{root}`. `scenarios` are those of the run's
    scenarios, `project` those that the project or the command line names.
    """

    cassettes: str
    baselines: str
    reports: str
    scenarios: Sequence[str]
    project: Sequence[str]
    prices: str = ""

    @classmethod
    def of(
        cls, options: Options, root: Path, scenarios: Iterable[Path], project: Iterable[Path]
    ) -> "Folders":
        """The folders of options, and of scenarios."""

        def text(path: Path) -> str:
            if not path.is_relative_to(root):
                return path.as_posix()
            return (Path(_ROOT) / path.relative_to(root)).as_posix()

        return cls(
            text(options.cassettes),
            text(options.baselines),
            text(options.reports),
            sorted(map(text, scenarios)),
            sorted(map(text, project)),
            text(options.prices) if options.prices else "",
        )


def path_of(text: str, root: Path) -> Path:
    """The path of a folder's text."""
    return root / text.removeprefix(_ROOT).lstrip("/") if text.startswith(_ROOT) else Path(text)


def of_place(folders: Folders, root: Path) -> Iterator[tuple[str, str]]:
    """Commit, inputs and installation by name, each with what identifies it."""
    try:
        yield _COMMIT, git.commit(root)
        changes = git.changes(root, but=path_of(folders.reports, root))
        yield _CHANGES, _digest(changes) if changes else "none"
    except LookupError:
        yield _COMMIT, NO_REPOSITORY
    digest = hashlib.sha256()
    documents = dict(_documents(folders, root))
    for name, content in _inputs(folders, documents, root):
        digest.update(f"{name}\n{len(content)}\n".encode("utf-8", "surrogateescape") + content)
    yield "scenarios, cassettes and baselines", digest.hexdigest()[:16]
    for module in inputs.modules_of(documents.values()):
        if code := _code(module):
            yield f"code of {module}", code
    for name, version in versions.installed(versions.ALL):
        yield f"version of {name}", version


def of_options(options: Options) -> Mapping[str, str]:
    """The options that change results."""
    return {f"option {name.replace('_', '-')}": repr(getattr(options, name)) for name in _OPTIONS}


def _inputs(
    folders: Folders, documents: Mapping[Path, Mapping[str, Any]], root: Path
) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file that a run reads beside its code."""
    searched = [
        *((text, "*.y*ml") for text in folders.scenarios),
        (folders.cassettes, "*/*/*.yaml"),
        (folders.baselines, "*"),
    ]
    for text, pattern in searched:
        folder = path_of(text, root)
        for path in sorted(folder.glob(pattern)):
            if path.is_file():
                yield f"{text}/{path.relative_to(folder).as_posix()}", path.read_bytes()
    for path, document in documents.items():
        for named in sorted({*named_files.of_keys(path, document, root.resolve())}):
            if named.is_relative_to(root.resolve()):
                yield inputs.name_of(named, root), named.read_bytes()
    if folders.prices and (prices := path_of(folders.prices, root)).is_file():
        yield folders.prices, prices.read_bytes()


def _documents(folders: Folders, root: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The scenarios with their keys."""
    for folder in (path_of(text, root) for text in folders.scenarios):
        for path in sorted(folder.glob("*.y*ml")):
            yield path, inputs.document_of(path)


def _code(module: str) -> str:
    """The digest of a package, of the project's own code of its Python files; "" without any.

    A subject may write other files into its folder while it runs.
    """
    files = subject_code.files(module)
    if module == "flagbench" or subject_code.is_installed(module):
        return subject_code.digest(module)[:16]
    python = {name: path for name, path in sorted(files.items()) if path.suffix == ".py"}
    contents = [f"{name}\n{_digest(path.read_bytes())}\n" for name, path in python.items()]
    return _digest("".join(contents).encode()) if contents else ""


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
