"""`flagbench bisect`: the commit since which a scenario has another verdict."""

import subprocess
import sys
import tempfile
from pathlib import Path

import click

from flagbench import git
from flagbench.cli.checkout import Checkout, installed_from
from flagbench.cli.output import say
from flagbench.errors import CouldNotRun, ExitCode, InputError, Problem
from flagbench.run.interrupts import interruptible

_VERDICTS: dict[int, str] = {
    ExitCode.KEPT: "all kept",
    ExitCode.BROKEN: "broken",
    ExitCode.WRONG_INPUT: "wrong input",
    ExitCode.COULD_NOT_RUN: "could not run",
}
# That of the commit, where the project is flagbench itself.
_FLAGBENCH = "from flagbench.cli.main import main; main()"


@click.command()
@click.argument("scenario", type=click.Path(exists=True, path_type=Path))
@click.option("--good", required=True, metavar="COMMIT", help="A commit where all was kept.")
@click.option("--bad", default="HEAD", show_default=True, metavar="COMMIT",
              help="A later commit where it is not.")  # fmt: skip
@click.option("--combination", "combinations", multiple=True, metavar="FLAGS",
              help="Run only this combination; repeatable.")  # fmt: skip
@interruptible("the working tree is as it was")
def bisect(scenario: Path, good: str, bad: str, combinations: tuple[str, ...]) -> None:
    """Find the commit since which SCENARIO, a file or a folder, has the verdict of BAD.

    Each commit is checked out into a folder of its own and replayed there with its own cassettes,
    against the baselines of GOOD; git bisect chooses the next. Commits with a verdict that neither
    GOOD nor BAD has are skipped. The working tree stays as it is, and changes in it that are not
    committed take no part.

    \b
    flagbench bisect scenarios/student.yaml --good v1.2
    flagbench bisect scenarios --good HEAD~20 --bad HEAD~3 --combination all

    Exit codes: 0 found, 2 wrong usage or input, 3 skipped commits hide which one it is.
    """
    try:
        top = git.top(Path.cwd())
        ends = {name: git.resolve(name, top) for name in (good, bad)}
    except LookupError as error:
        raise InputError(Problem(str(error), expected="commits of this repository")) from error
    path = scenario.resolve()
    if not path.is_relative_to(top):
        raise InputError(Problem("not in this repository", where=str(scenario)))
    with tempfile.TemporaryDirectory(prefix="flagbench-bisect-") as folder:
        checkout = Checkout(top, Path(folder) / "tree", Path.cwd().relative_to(top))
        there = checkout.root / path.relative_to(top)
        try:
            with checkout.of(ends[bad]):
                _Search(checkout, there, combinations, Path(folder)).run(ends[good], ends[bad])
        except LookupError as error:
            raise CouldNotRun(Problem(f"git cannot go on: {error}")) from error


class _Search:
    """The search for a commit in a checkout."""

    def __init__(
        self, checkout: Checkout, scenario: Path, combinations: tuple[str, ...], folder: Path
    ) -> None:
        self._checkout = checkout
        self._scenario = scenario
        self._combinations = combinations
        self._baselines = folder / "baselines"
        self._reports = folder / "reports"
        self._environment = checkout.environment(installed_from(checkout.top))
        self._shown = dict[str, str]()

    def run(self, good: str, bad: str) -> None:
        """Search between two commits and print what is found."""
        self._checkout.go_to(good)
        self._checkout.copy("baselines", self._baselines)
        if self._verdict(good) != ExitCode.KEPT:
            raise CouldNotRun(Problem(
                f"the verdict of {good[:12]} is not kept:\n{self._shown[good]}",
                expected="--good: a commit where all is kept",
            ))  # fmt: skip
        symptom = self._verdict(bad)
        if symptom == ExitCode.KEPT:
            what = f"all is kept at {bad[:12]} against the baselines of {good[:12]}"
            raise InputError(Problem(what, expected="--bad: a commit where something is not"))
        first, left = self._checkout.bisect(
            good, bad, lambda commit: {ExitCode.KEPT: "good", symptom: "bad"}.get(
                self._verdict(commit), "skip"
            ),
        )  # fmt: skip
        if first is None:
            say("every commit left was skipped; the first is one of:")
            for commit in left:
                say(f"  {git.subject(commit, self._checkout.top)}")
            raise SystemExit(ExitCode.COULD_NOT_RUN)
        say(f"\n{git.subject(first, self._checkout.top)}")
        say(f"is the first commit that is {_VERDICTS.get(symptom, f'of exit code {symptom}')}:\n")
        say(self._shown[first])

    def _verdict(self, commit: str) -> int:
        """Replay a commit; a line on standard error says what came of it."""
        self._checkout.go_to(commit)
        self._checkout.tree.mkdir(parents=True, exist_ok=True)  # a commit before the project's
        options = [f"--combination={text}" for text in self._combinations]
        folders = [f"--baselines={self._baselines}", f"--reports={self._reports}"]
        process = subprocess.run(  # noqa: S603  flagbench itself
            [sys.executable, "-c", _FLAGBENCH, "run", str(self._scenario),
             "-p", "no:cacheprovider", *options, *folders],
            cwd=self._checkout.tree, env=self._environment, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
        )  # fmt: skip
        self._shown[commit] = process.stdout
        verdict = process.returncode
        words = _VERDICTS.get(verdict, f"exit code {verdict}")
        say(f"{git.subject(commit, self._checkout.top)}: {words}", err=True)
        return verdict
