"""Catalogue of known regressions and harmless changes, as patches: YAML files of a project."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from flagbench import yaml_lines
from flagbench.errors import InputError, Problem, problems_of
from flagbench.self_test import sources

FOLDER = Path("tests/regressions")


class Expect(StrEnum):
    """The answer that a change must get.

    CAUGHT is BROKEN or COULD NOT RUN, REMARKED a series that is KEPT with a remark, INVISIBLE a
    regression of which nothing is said by design, HARMLESS a change of which nothing may be said.
    """

    CAUGHT = "caught"
    PROVISIONAL = "provisional"
    REMARKED = "remarked"
    INVISIBLE = "invisible"
    HARMLESS = "harmless"


Text = Annotated[str, Field(min_length=1)]
# In its plain form: src//a.py and ./src/a.py are src/a.py.
RelativePath = Annotated[Text, AfterValidator(lambda path: PurePosixPath(path).as_posix())]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Patch(_Part):
    """A text that occurs once in a file, and the one in its place."""

    file: RelativePath
    old: Text
    new: str


class Case(Patch):
    """A change with what must be said of it.

    `run` are the series that can show it, `because` is a text that the explanation must have, `why`
    the reason why a regression is invisible by design, `unnamed` the one why the explanation does
    not have the text of `because`: a known miss. `also` are patches of other places.
    """

    name: Text
    about: Text
    run: Annotated[tuple[Text, ...], Field(min_length=1)]
    expect: Expect
    because: str = ""
    why: str = ""
    unnamed: str = ""
    also: tuple[Patch, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> "Case":
        if self.expect in (Expect.CAUGHT, Expect.PROVISIONAL, Expect.REMARKED) and not self.because:
            raise ValueError(f"{self.name}: expected: because, a text of the explanation")
        if self.expect is Expect.INVISIBLE and not self.why:
            raise ValueError(f"{self.name}: expected: why, the reason why it is invisible")
        if self.unnamed and not self.because:
            raise ValueError(f"{self.name}: unnamed without because, the cause that is not named")
        return self

    @property
    def patches(self) -> Sequence[Patch]:
        """All patches; none of a case that changes nothing."""
        first = (Patch(file=self.file, old=self.old, new=self.new),) if self.file else ()
        return (*first, *self.also)


class _File(_Part):
    sources: Annotated[tuple[RelativePath, ...], Field(min_length=1)]
    unchanged: tuple[Text, ...] = ()
    cases: Annotated[tuple[Case, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Cases of one or more files.

    `sources` are the folders or files that are copied before they are patched, relative to the
    project; `unchanged` the series that are run again and again without a patch.
    """

    sources: tuple[str, ...]
    unchanged: tuple[str, ...]
    cases: tuple[Case, ...]


def load(path: Path, project: Path) -> Catalogue:
    """Load a catalogue, a file or a folder of them.

    Raises `InputError` for one that is not there, is invalid, or does not fit the project's files.
    """
    paths = sorted(path.glob("*.yaml")) if path.is_dir() else [path] if path.exists() else []
    if not paths:
        raise InputError(
            Problem(
                "no catalogue of regressions", str(path), "a YAML file, or a folder of them",
                "cd to the checkout that has it, or flagbench self-test CATALOGUE.yaml",
            )
        )  # fmt: skip
    files = [_load(each) for each in paths]
    catalogue = Catalogue(
        tuple(dict.fromkeys(source for file in files for source in file.sources)),
        tuple(dict.fromkeys(series for file in files for series in file.unchanged)),
        tuple(case for file in files for case in file.cases),
    )
    if problems := list(_misfits(catalogue, str(path), project)):
        raise InputError(problems)
    return catalogue


def patched(text: str, patch: Patch) -> str:
    """The text with a patch, which fits line ends of either kind.

    Raises `ValueError` unless the old text occurs once.
    """
    old, new = patch.old, patch.new
    if "\r\n" in text and "\r" not in old + new:
        old, new = old.replace("\n", "\r\n"), new.replace("\n", "\r\n")
    found = text.count(old)
    if found != 1:
        raise ValueError(f"the old text occurs {found} times in {patch.file}; expected: once")
    return text.replace(old, new)


def _load(path: Path) -> _File:
    document, lines = yaml_lines.read(path)
    try:
        return _File.model_validate(document)
    except ValidationError as error:
        problems = problems_of(error, lines.where, document=_File)
        raise InputError(yaml_lines.by_line(problems)) from error


def _misfits(catalogue: Catalogue, where: str, project: Path) -> Iterator[Problem]:
    """Problems of missing sources, of names given twice, and of patches that do not fit."""
    for source in catalogue.sources:
        if _leaves(source) or not (project / source).exists():
            yield Problem(f"no source {source!r} in {project}", where, "a folder of the project")
            return
    names = [case.name for case in catalogue.cases]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Problem(f"two cases are named {name!r}", where)
    contents = sources.contents(project, catalogue.sources)
    for case in catalogue.cases:
        texts: dict[str, str] = {}
        for patch in case.patches:
            if patch.file not in contents:
                expected = f"a file below {', '.join(catalogue.sources)}"
                yield Problem(f"{case.name}: {patch.file} is not a source", where, expected)
                continue
            try:
                text = texts.get(patch.file, contents[patch.file].decode("utf-8"))
                texts[patch.file] = patched(text, patch)
            except ValueError as error:
                yield Problem(f"{case.name}: {error}", where, fix="make the patch fit the code")


def _leaves(path: str) -> bool:
    return PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts
