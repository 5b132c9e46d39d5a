"""Cases of `flagbench accept` by the own checks of a scenario."""

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath

from pydantic import ValidationError

from flagbench import yaml_lines
from flagbench.acceptance.own_cases import OwnCase, kind_of
from flagbench.cli.accept_cases import Candidate, text_of, texts_of
from flagbench.errors import InputError, Problem, problems_of
from flagbench.scenario.own_checks import OwnChecks, OwnChecksPart


def own_checks_of(spec: Path) -> OwnChecks | None:
    """The own checks of a scenario; None for a spec of another form. Raises `InputError`."""
    if spec.suffix not in (".yaml", ".yml"):
        return None
    document, lines = yaml_lines.read(spec)
    part = document.get("acceptance") if isinstance(document, dict) else None
    if not isinstance(part, dict) or "kinds" not in part:
        return None
    try:
        kinds = OwnChecksPart.model_validate(part).kinds
    except ValidationError as error:
        raise InputError(
            problems_of(
                error, lambda place: lines.where(("acceptance", *place)), document=OwnChecksPart
            )
        ) from error
    return OwnChecks(spec.parent.absolute(), kinds)


def cases(
    files: Sequence[Path], checks: OwnChecks, kind: str | None, around: Path | None
) -> Iterator[Candidate]:
    """A case for each file, among the files of the folder `around`. Raises `InputError`."""
    others = texts_of(around) if around else {}
    for file in files:
        name = _path_in(file, around)
        chosen = kind or _kind_of(file, name, checks)
        if chosen not in checks.kinds:
            expected = ", ".join(checks.kinds)
            raise InputError(Problem(f"unknown kind {chosen!r}", where="--kind", expected=expected))
        yield file, chosen, OwnCase(chosen, name, checks, {**others, name: text_of(file)})


def _kind_of(file: Path, name: str, checks: OwnChecks) -> str:
    """The kind by the pattern `files` of a check, by the suffix, or the only one."""
    kind = kind_of(checks, name) or file.suffix.lstrip(".")
    if kind in checks.kinds:
        return kind
    if len(checks.kinds) == 1:
        return next(iter(checks.kinds))
    expected = f"--kind {'|'.join(checks.kinds)}"
    raise InputError(Problem("its name tells no kind", where=str(file), expected=expected))


def _path_in(file: Path, around: Path | None) -> str:
    if around is not None and file.resolve().is_relative_to(around.resolve()):
        return file.resolve().relative_to(around.resolve()).as_posix()
    return PurePath(file.name).as_posix()
