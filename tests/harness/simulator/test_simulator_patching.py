"""Patches apply to the code that was sent, fix what was named and leave the rest."""

import ast
import re

import black
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompts import applied, code_in, content, patch
from sampled import sampled
from written_app import EVERYTHING, RULES

from flagbench.simulator.completion import SimulatedProvider
from flagbench.simulator.crud.defects import DEFECTS, View
from flagbench.simulator.crud.patching import blocks
from flagbench.simulator.crud.specification import shape_of
from flagbench.simulator.crud.writer import STYLES
from flagbench.simulator.rng import Rng
from flagbench.simulator.settings import ProviderSettings

PROVIDER = SimulatedProvider(ProviderSettings(), lambda text: len(text) // 4)
NAMED = [(d, kind) for d in DEFECTS for kind, rate in d.rates.items() if rate > 0]
UNMENDED = {"long_lines"}


@pytest.mark.parametrize("defect, kind", sampled(NAMED, 12), ids=lambda x: getattr(x, "name", x))
@pytest.mark.parametrize("formatted", [False, True])
def test_patch_applies_and_mends(defect, kind, formatted) -> None:
    """On raw and on black-formatted code: every block is found once, nine in ten are fixed."""
    specification = RULES if defect.name == "missing_rule" else EVERYTHING
    shape = shape_of(specification)
    asked = fixed = 0
    for number in range(4 if formatted else 12):
        draws = Rng.of(0, {"n": number}, 1, 1)
        style = STYLES[kind][number % len(STYLES[kind])]
        code = defect.inject(style(defect.misread(shape, draws)), shape, draws)
        if formatted and defect.name != "does_not_parse":
            code = black.format_str(code, mode=black.Mode(line_length=79))
        found = defect.find(View.of(code, kind, shape))
        if not found:
            continue
        issues = [finding.message for finding in found[:1]]
        answer = content(
            PROVIDER.answer(patch(kind, specification, code, issues), trial=number + 1)
        )
        if "<<<<<<< SEARCH" not in answer:
            assert defect.name in UNMENDED
            continue
        changed = applied(code, answer)
        assert changed != code
        asked += 1
        fixed += len(defect.find(View.of(changed, kind, shape))) < len(found)
    if asked:
        assert fixed / asked >= 0.5


def test_patch_leaves_other_problems(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the named line changes; a second defect that nobody named stays."""
    shape = shape_of(EVERYTHING)
    by_name = {defect.name: defect for defect in DEFECTS}
    draws = Rng.of(0, {}, 1, 1)
    code = by_name["all_optional"].inject(STYLES["backend"][0](shape), shape, draws)
    code = by_name["swallowed_404"].inject(code, shape, draws)
    issue = "A broad except answers 500 where 404 is due."
    answer = content(PROVIDER.answer(patch("backend", EVERYTHING, code, [issue])))
    changed = View.of(applied(code, answer), "backend", shape)
    assert not by_name["swallowed_404"].find(changed)
    assert by_name["all_optional"].find(changed)


@pytest.mark.parametrize("name", ["row_to_dict", "OrderRead", "the module"])
def test_remark_of_taste_gets_a_docstring(name: str) -> None:
    """A remark about a function, a class or the module adds to its docstring."""
    code = STYLES["backend"][0](shape_of(EVERYTHING))
    issue = f"{name} should have a docstring that describes its parameters."
    answer = content(PROVIDER.answer(patch("backend", EVERYTHING, code, [issue]), trial=2))
    changed = applied(code, answer)
    ast.parse(changed)
    assert len(changed) > len(code)


def test_unknown_issue_gets_an_apology() -> None:
    """What cannot be found in the code is admitted, without blocks that apply to nothing."""
    code = STYLES["backend"][0](shape_of(EVERYTHING))
    issue = ["The colours clash."]
    answers = [content(PROVIDER.answer(patch("backend", EVERYTHING, code, issue), trial=n))
               for n in range(1, 6)]  # fmt: skip
    assert any(re.match("I am sorry", answer) for answer in answers)


def test_code_of_another_hand_is_written_again() -> None:
    """Code that the writer cannot fix in place is replaced, and the blocks apply."""
    code = "def broken(:\n    return (\n\nrouter = 1\n"
    answer = content(PROVIDER.answer(patch("backend", EVERYTHING, code, ["It does not parse."])))
    ast.parse(applied(code, answer))


LINES = st.lists(st.sampled_from(["a", "b", "c", "    x = 1", "", "def f():"]), max_size=14)


@given(LINES, LINES)
def test_blocks_turn_old_into_new(old: list[str], new: list[str]) -> None:
    """Whatever the texts, the blocks of two different texts apply and give the second."""
    before, after = "\n".join(["first", *old, "end"]), "\n".join(["first", *new, "end"])
    text = blocks(before + "\n", after + "\n")
    if before == after:
        assert text == ""
    else:
        assert applied(before + "\n", text) == after + "\n"


def test_code_in_takes_the_fence_off() -> None:
    """The helper of these tests reads fenced and bare answers alike."""
    assert code_in("Here:\n\n```python\nx = 1\n```\n\nBye.") == "x = 1\n"
    assert code_in("x = 1") == "x = 1\n"
