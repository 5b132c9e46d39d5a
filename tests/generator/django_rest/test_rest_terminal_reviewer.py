"""The person at the terminal: what is shown, what is asked, what becomes of the files."""

import asyncio
import io
import re
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from review_examples import BROKEN, GOOD, SHOP, WITHOUT_NOTE, job, rules
from rich.console import Console
from scripted import Heard

from flagbench_generators.django_rest.quality import Quality, assess
from flagbench_generators.django_rest.quality.assess import Layer
from flagbench_generators.django_rest.review_queue import QueuedFile
from flagbench_generators.django_rest.terminal_reviewer import TerminalReviewer
from flagbench_generators.kernel.review import Review

TEXTS = {"models": GOOD, "serializers": WITHOUT_NOTE, "views": BROKEN}
SKIPPED = "skipped by the reviewer"


class Typist:
    """Answers questions in order; then the input ends."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)

    def __call__(self, _prompt: str) -> str:
        """The next answer."""
        if not self.answers:
            raise EOFError
        return self.answers.pop(0)


def sit(
    folder: Path, texts: dict[str, str], *answers: str, edited: str | None = None, times: int = 1
) -> tuple[Sequence[Review], str]:
    """The verdicts and what stood on the screen."""
    shown = io.StringIO()
    person = TerminalReviewer(Console(file=shown, width=120), Typist(*answers), lambda _: edited)
    book = rules(folder)

    async def main() -> Sequence[Review]:
        for _ in range(times):
            files = [
                QueuedFile(job(kind), text, assess(text, book, SHOP), Heard().trace(),
                        asyncio.get_running_loop().create_future())
                for kind, text in texts.items()
            ]  # fmt: skip
            verdicts = await person.review(files, ["api/urls.py"])
        return verdicts

    return asyncio.run(main()), shown.getvalue()


def outcome(verdicts: Sequence[Review]) -> list[str]:
    """approved, skipped, or what is to be mended."""
    return [
        "approved" if one.approved else "skipped" if one.is_final else "; ".join(one.issues)
        for one in verdicts
    ]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [(["1"], ["approved", "approved", "skipped"]),
     (["2"], ["approved", "approved", "skipped"]),
     (["4"], ["approved", "skipped", "skipped"]),
     (["5", "1 3"], ["approved", "skipped", "approved"]),
     (["5", ""], ["skipped"] * 3),
     (["3", "a", "s", "r", "write it again"], ["approved", "skipped", "write it again"])],
)  # fmt: skip
def test_the_five_operations(tmp_path: Path, answers: list[str], expected: list[str]) -> None:
    """On a file of high quality, one with an issue, and one that does not parse."""
    verdicts, shown = sit(tmp_path, TEXTS, *answers)
    assert outcome(verdicts) == expected
    assert "Auto-approved (1): api/urls.py" in shown
    assert "High quality (2): api/models.py, api/serializers.py" in shown
    assert "Errors (1): api/views.py" in shown


def test_one_file_is_shown_with_its_score_and_issues(tmp_path: Path) -> None:
    """And with its first lines."""
    verdicts, shown = sit(tmp_path, {"models": WITHOUT_NOTE}, "a")
    assert outcome(verdicts) == ["approved"]
    assert "api/models.py: score 0.97 (syntax 1.00, semantics 0.89," in shown
    assert "- Customer has no note" in shown
    assert "class OrderLine:" in shown


def test_a_rejection_without_words_names_what_was_found(tmp_path: Path) -> None:
    """The issues go to who mends the file."""
    verdicts, _ = sit(tmp_path, {"models": WITHOUT_NOTE}, "r", "")
    assert verdicts == [Review(approved=False, issues=("Customer has no note",))]


def test_an_edited_file_is_approved_as_it_was_edited(tmp_path: Path) -> None:
    """An editor that changes nothing asks again."""
    verdicts, _ = sit(tmp_path, {"models": GOOD}, "e", edited="x = 1\n")
    assert verdicts == [Review(approved=True, text="x = 1\n")]
    verdicts, shown = sit(tmp_path, {"models": GOOD}, "e", "a", edited=GOOD)
    assert verdicts == [Review(approved=True)]
    assert "(nothing was changed)" in shown


def test_a_wrong_answer_is_asked_again(tmp_path: Path) -> None:
    """With what would be right."""
    verdicts, shown = sit(tmp_path, {"models": GOOD}, "x", "", "a")
    assert outcome(verdicts) == ["approved"]
    assert shown.count("(expected: one of a, r, e, s, v)") == 2


def test_the_end_of_the_input_skips_what_is_left(tmp_path: Path) -> None:
    """Nobody is there any more."""
    verdicts, shown = sit(tmp_path, TEXTS)
    assert outcome(verdicts) == ["skipped"] * 3
    assert "the input has ended" in shown


def test_a_long_file_is_cut_until_it_is_wanted_whole(tmp_path: Path) -> None:
    """`v` shows the rest and asks again."""
    long = GOOD + "".join(f"\nlast_{number} = {number}\n" for number in range(30))
    _, shown = sit(tmp_path, {"models": long}, "v", "a")
    cut, whole = shown.split("more lines: v shows them")
    assert "last_29" not in cut
    assert "last_29" in whole


def test_a_file_that_comes_again_is_shown_as_a_diff(tmp_path: Path) -> None:
    """Only what changed since the person saw it last."""
    shown = io.StringIO()
    person = TerminalReviewer(Console(file=shown, width=120), Typist("r", "", "a"))
    book = rules(tmp_path)

    async def main() -> None:
        for text in (WITHOUT_NOTE, GOOD):
            future = asyncio.get_running_loop().create_future()
            file = QueuedFile(job(), text, assess(text, book, SHOP), Heard().trace(), future)
            await person.review([file], [])

    asyncio.run(main())
    second = shown.getvalue().split("api/models.py: score 1.00")[1]
    assert "+    note = 2" in second
    assert "amount = 3" not in second


PIECES = [
    "\x1b[2J", "\x1b]8;;http://x.invalid\x07", "\x07", "\r", "\x9b2J", "\u202e", "\u2028", "\ud83d",
    "\x00", "[/x]", "[red]", "[link=http://x.invalid]", ":smile:", "\n", "名前",
]  # fmt: skip


@settings(max_examples=15)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=5).map("".join))
def test_a_models_words_are_shown_and_not_obeyed(words: str) -> None:
    """In a file, its path, its issues and the changes since; what is approved is what it sent."""
    shown = io.StringIO()
    console = Console(file=shown, width=120, force_terminal=True, color_system=None)
    person = TerminalReviewer(console, Typist("v", "s", "v", "a"), lambda _: None)
    layer = Layer(f"l{words}", 0.5, (f"issue {words}",))
    for text in (f"a = 1  # {words}", f"b = 2  # {words}"):
        quality = Quality((layer,))
        made = SimpleNamespace(path=f"api/{words}.py")
        file: Any = SimpleNamespace(job=made, text=text, quality=quality, category="low")
        verdict = person._single(file)
    assert verdict.approved
    assert verdict.text in (None, text)
    seen = shown.getvalue()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u200f\u2028-\u202e]", seen)
    if "[red]" in words:
        assert "[red]" in seen
