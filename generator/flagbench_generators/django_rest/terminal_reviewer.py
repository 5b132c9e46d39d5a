"""Review at a terminal: by category, by one of five operations, or file by file."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import unified_diff

import click
from rich.console import Console
from rich.syntax import Syntax
from rich.text import Text

from flagbench_generators.django_rest.review_queue import QueuedFile
from flagbench_generators.kernel.plain_text import plain_text
from flagbench_generators.kernel.review import Review

SHOWN_LINES = 30
CATEGORIES = {
    "high": ("High quality", "green"),
    "medium": ("Medium quality", "yellow"),
    "low": ("Low quality", "dark_orange"),
    "error": ("Errors", "red"),
}
OPERATIONS = {
    "1": "Approve all of high quality, skip the rest",
    "2": "Approve high and medium quality, skip the rest",
    "3": "Review each file",
    "4": "Approve all but those with issues, skip these",
    "5": "Choose the files to approve",
}
_SKIPPED = Review(approved=False, issues=("skipped by the reviewer",), is_final=True)


@dataclass(slots=True)
class TerminalReviewer:
    """Reviewer that asks the person at the terminal; at the end of input, the rest is skipped.

    `ask` shows a prompt and returns a line; `edit` returns a text edited in an editor, or None.
    """

    console: Console = field(default_factory=lambda: Console(stderr=True))
    ask: Callable[[str], str] = input
    edit: Callable[[str], str | None] = lambda text: click.edit(text, extension=".py")
    _seen: dict[str, str] = field(default_factory=dict)

    async def review(
        self, files: Sequence[QueuedFile], approved: Sequence[str]
    ) -> Sequence[Review]:
        """Ask in a daemon thread, so that the event loop goes on and Ctrl-C does not wait."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Sequence[Review]] = loop.create_future()

        def work() -> None:
            verdicts = self._review_files(files, approved)
            loop.call_soon_threadsafe(_resolve, done, verdicts)

        threading.Thread(target=work, daemon=True).start()
        return await done

    def _review_files(
        self, files: Sequence[QueuedFile], approved: Sequence[str]
    ) -> Sequence[Review]:
        try:
            return self._batch(files, approved) if len(files) > 1 else [self._single(files[0])]
        except EOFError:
            self.console.print("(the input has ended: what is left is skipped)")
            return [_SKIPPED for _ in files]

    def _batch(self, files: Sequence[QueuedFile], approved: Sequence[str]) -> Sequence[Review]:
        self.console.rule("Review")
        text = f"Auto-approved ({len(approved)}): {', '.join(approved)}"
        self.console.print(_text(text, style="bold green"))
        for category, (title, colour) in CATEGORIES.items():
            names = [file.job.path for file in files if file.category == category]
            self.console.print(_text(f"{title} ({len(names)}): {', '.join(names)}", style=colour))
        for key, what in OPERATIONS.items():
            self.console.print(f"  [bold]{key}[/] {what}")
        operation = self._choose("Operation (1-5): ", tuple(OPERATIONS))
        if operation == "3":
            return [self._single(file) for file in files]
        passed = set(self._approved(operation, files))
        return [Review(approved=True) if file in passed else _SKIPPED for file in files]

    def _approved(self, operation: str, files: Sequence[QueuedFile]) -> Iterator[QueuedFile]:
        if operation == "5":
            for number, file in enumerate(files, start=1):
                self.console.print(Text(f"  {number} "), _headline(file))
            numbers = self.ask("Numbers to approve, separated by blanks: ").split()
            yield from (file for number, file in enumerate(files, 1) if str(number) in numbers)
            return
        categories = {"1": ("high",), "2": ("high", "medium")}.get(operation, tuple(CATEGORIES))
        for file in files:
            if file.category in categories and not (operation == "4" and file.quality.issues):
                yield file

    def _single(self, file: QueuedFile) -> Review:
        self.console.rule(_text(file.job.path))
        self.console.print(_headline(file))
        for issue in file.quality.issues:
            self.console.print(_text(f"  - {issue}"))
        self._show(file, whole=False)
        self._seen[file.job.path] = file.text
        while True:
            answer = self._choose("[a]pprove, [r]eject, [e]dit, [s]kip, [v]iew whole: ", "aresv")
            if answer == "a":
                return Review(approved=True)
            if answer == "r":
                why = self.ask("What should be fixed (empty: the issues above)? ").strip()
                return Review(approved=False, issues=(why,) if why else file.quality.issues)
            if answer == "s":
                return _SKIPPED
            if answer == "v":
                self._show(file, whole=True)
                continue
            edited = self.edit(file.text)
            if edited is not None and edited != file.text:
                return Review(approved=True, text=edited)
            self.console.print("(nothing was changed)")

    def _show(self, file: QueuedFile, *, whole: bool) -> None:
        """Show the changes since the person last saw the file, or the file."""
        before = self._seen.get(file.job.path)
        if before is not None and before != file.text and not whole:
            changes = unified_diff(
                before.splitlines(), file.text.splitlines(), "before", "now", lineterm=""
            )
            self.console.print(
                Syntax(plain_text("\n".join(changes)), "diff", background_color="default")
            )
            return
        lines = file.text.splitlines()
        shown = lines if whole else lines[:SHOWN_LINES]
        self.console.print(
            Syntax(plain_text("\n".join(shown)), "python", background_color="default")
        )
        if len(shown) < len(lines):
            self.console.print(f"... {len(lines) - len(shown)} more lines: v shows them")

    def _choose(self, prompt: str, allowed: Sequence[str]) -> str:
        """Ask until the answer is one of those allowed."""
        while True:
            answer = self.ask(prompt).strip().lower()[:1]
            if answer and answer in allowed:
                return answer
            self.console.print(f"(expected: one of {', '.join(allowed)})")


def _headline(file: QueuedFile) -> Text:
    layers = ", ".join(f"{layer.name} {layer.score:.2f}" for layer in file.quality.layers)
    colour = CATEGORIES[file.category][1]
    return _text(f"{file.job.path}: score {file.quality.score:.2f} ({layers})", style=colour)


def _text(words: str, style: str = "") -> Text:
    """Foreign words in a style of ours."""
    return Text(plain_text(words), style=style)


def _code(lines: Iterable[str], language: str) -> Syntax:
    return Syntax(plain_text("\n".join(lines)), language, background_color="default")


def _resolve(done: asyncio.Future[Sequence[Review]], verdicts: Sequence[Review]) -> None:
    if not done.done():
        done.set_result(verdicts)
