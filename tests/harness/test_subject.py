"""Subjects: found by a dotted path, with the factors that they declare."""

from collections.abc import Callable

import pytest

from flagbench import subject, subject_loading
from flagbench.errors import InputError

SWITCH = """
from dataclasses import dataclass
@dataclass
class Switch:
    name: str
    env: str = "X"
    levels: tuple = ("false", "true")
    doc: str = ""
    default: str = "false"
async def run(*_, **__): ...
"""


def test_a_subject_and_its_factors() -> None:
    """The tiny subject declares two switches."""
    found = subject_loading.load("tiny.write")
    assert [(one.name, one.env, one.levels) for one in subject.factors_of(found)] == [
        ("short", "TINY_SHORT", ("false", "true")),
        ("parallel", "TINY_PARALLEL", ("false", "true")),
    ]


def test_a_subject_without_factors_has_none(subject_module: Callable[[str], str]) -> None:
    """They are optional."""
    found = subject_loading.load(subject_module("async def run(*_, **__): ...\n"))
    assert subject.factors_of(found) == ()


@pytest.mark.parametrize(
    ("dotted", "told"),
    [
        ("crdu", "unknown subject 'crdu'\n    expected: crud, or a dotted path such as "),
        ("zzz", "unknown subject 'zzz'\n    expected: crud, crud-lean, crud-schema, django, "),
        ("tiny.wriet", "module 'tiny' has no 'wriet'"),
        ("tiny.", "'tiny.' does not name a function\n    expected: a dotted path such as "),
        ("tiny:write", "'tiny:write' does not name a function\n    expected: tiny.write, a dotted"),
        (
            "./app/tiny.py:write",
            "'./app/tiny.py:write' does not name a function\n    expected: app.tiny.write, a d",
        ),
        ("./tiny.py", "'./tiny.py' does not name a function\n    expected: a dotted path such as "),
        ("a b.run", "'a b.run' does not name a function\n    expected: a dotted path such as "),
        (
            "flagbench.no_such.run",
            "'flagbench.no_such.run' cannot be imported: ModuleNotFoundError: No module named "
            "'flagbench.no_such'\n    expected: a dotted path such as my_package.module.run\n    "
            "fix: install the package of flagbench.no_such, or have flagbench/no_such.py in ",
        ),
        (
            "no_such_module.run",
            "'no_such_module.run' cannot be imported: ModuleNotFoundError: No module named",
        ),
        ("tiny.write.deeper", "'tiny.write.deeper' cannot be imported: "),
        ("tiny.__doc__", "'tiny.__doc__' is not a function"),
    ],
)
def test_what_is_no_subject_is_told(dotted: str, told: str) -> None:
    """What is missing, in one line."""
    with pytest.raises(InputError, match=r"\n    expected: ") as caught:
        subject_loading.load(dotted)
    assert str(caught.value).startswith(told)


@pytest.mark.parametrize("switch", ["Switch('A-b')", "Switch('')", "Switch('x', levels=('a',))"])
def test_a_bad_factor_is_refused(subject_module: Callable[[str], str], switch: str) -> None:
    """A name that cannot be typed, a switch with one position."""
    dotted = subject_module(SWITCH + f"run.factors = [{switch}]\n")
    with pytest.raises(InputError, match="declares a bad factor"):
        subject.factors_of(subject_loading.load(dotted))


WITHOUT_WORDS = """
class Mute(Exception):
    def __str__(self):
        raise RuntimeError
raise Mute
"""


@pytest.mark.parametrize("body", ["def run(:\n", "1 / 0\n", "raise SystemExit\n", WITHOUT_WORDS])
def test_a_module_that_does_not_load_is_told(
    subject_module: Callable[[str], str], body: str
) -> None:
    """A syntax error in the user's module is wrong input with a line, not our traceback."""
    with pytest.raises(InputError, match="cannot be imported"):
        subject_loading.load(subject_module(body))


CHECK = """
from types import SimpleNamespace as Wrong
async def run(*_, **__): ...
def check(request):
    error = ValueError("wrong")
    error.problems = [
        Wrong(what="a", line=2, column=3, where="line 2", expected="b", fix="flagbench x"),
        Wrong(what="c", line=4, column=None),
        Wrong(what="d", line=None, where="$.name", expected=""),
        Wrong(what="e"),
    ]
    if request != "good":
        raise error if request == "bad" else ValueError("not so")
run.check = check
"""


def test_a_subject_refuses_a_request(subject_module: Callable[[str], str]) -> None:
    """Every problem is told at its place in the file; a plain `ValueError` at the file."""
    found = subject_loading.load(subject_module(CHECK))
    subject.check(found, "good", "x.json")
    with pytest.raises(InputError) as caught:
        subject.check(found, "bad", "x.json")
    assert [(one.where, one.what, one.expected, one.fix) for one in caught.value.problems] == [
        ("x.json:2:3", "a", "b", "flagbench x"), ("x.json:4", "c", "", ""),
        ("x.json: $.name", "d", "", ""), ("x.json", "e", "", ""),
    ]  # fmt: skip
    with pytest.raises(InputError, match=r"^x\.json: not so$"):
        subject.check(found, "other", "x.json")


def test_a_subject_without_a_check_refuses_nothing(subject_module: Callable[[str], str]) -> None:
    """It is optional."""
    found = subject_loading.load(subject_module("async def run(*_, **__): ...\n"))
    subject.check(found, "anything", "x.json")


def test_an_unknown_parameter_is_named(subject_module: Callable[[str], str]) -> None:
    """With what a subject may take; a default makes it the subject's own affair."""
    subject_loading.load(subject_module("def run(requests, retries=3): ...\n"))
    with pytest.raises(InputError, match=r"'promts', 'retries'\n    expected: .*requests, flags"):
        subject_loading.load(subject_module("def run(promts, flags, retries): ...\n"))


def test_the_rest_of_the_arguments_leaves_out_base_url() -> None:
    """A subject that passes the rest on to another one would trip over it."""
    offered = dict.fromkeys(subject.PARAMETERS, 0)
    _, named = subject.arguments_of(lambda requests, **rest: None, offered)
    assert set(named) == set(subject.PARAMETERS) - {"base_url"}
