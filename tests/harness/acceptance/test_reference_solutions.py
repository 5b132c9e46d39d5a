"""Reference solutions and their wrong variants: what is told of them."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from flagbench.acceptance import reference_solutions
from flagbench.acceptance.proof import Case, Proof
from flagbench.acceptance.prover import Prover
from flagbench.acceptance.reference_solutions import WrongVariant
from flagbench.errors import InputError
from flagbench.scenario.specification import Entity

TAG = Entity.model_validate({"entity": "Tag", "attributes": {"label": "string"}})
LATER = Entity.model_validate({"entity": "Tag", "attributes": {"label": "string", "n": "integer"}})
FILES = {"app/schemas/tag.py": "schema\n", "app/routes/tag.py": "get\npost\n",
         "app/pages/tag.py": "page\n", "tests/test_tag.py": "tests\n"}  # fmt: skip


class Scripted(Prover):
    """Refutes the files in whose text a check's name stands behind an exclamation mark."""

    def __init__(self) -> None:
        self.cases: list[Case] = []

    def prove(self, case: Case) -> Proof:
        """A proof without running anything."""
        self.cases.append(case)
        _, mark, check = case.files[case.path].strip().partition("!")
        return Proof.refuted(check, "it does not work") if mark else Proof()


def folder(path: Path, wrong: str = "[]", files: Mapping[str, str] = FILES) -> Path:
    """A solution with these files."""
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    (path / "wrong.yaml").write_text(wrong)
    return path


def told(path: Path, *expected: Entity) -> list[str]:
    """What is wrong with the solution in the folder."""
    one, prover = reference_solutions.load(path), Scripted()
    return list(
        reference_solutions.problems(one, expected or (TAG,), {"app/main.py": "main"}, prover)
    )


def test_a_right_solution_has_no_problems(tmp_path: Path) -> None:
    """Its files are accepted, its wrong variant is refused by the check that it names."""
    wrong = '- {what: no get, file: app/routes/tag.py, replace: get, with: "x!list", fails: list}\n'
    text = {**FILES, "app/routes/tag.py": "get"}
    assert told(folder(tmp_path, wrong, text)) == []


def test_a_broken_reference_is_told(tmp_path: Path) -> None:
    """With its path, the check and the message; its variants are looked at all the same."""
    wrong = "- {what: more, file: app/pages/tag.py, replace: page, with: '!form', fails: runs}\n"
    path = folder(tmp_path, wrong, {**FILES, "app/schemas/tag.py": "!types"})
    assert told(path) == [
        f"{path}/app/schemas/tag.py fails types: it does not work",
        "more: app/pages/tag.py fails form: it does not work; expected: it fails runs",
    ]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """And a variant of it is none."""
    wrong = "- {what: more, file: app/pages/tag.py, replace: page, with: '!form', fails: form}\n"
    files = {name: text for name, text in FILES.items() if "pages" not in name}
    path = folder(tmp_path, wrong, files)
    assert told(path) == [
        f"{path}/app/pages/tag.py is missing",
        "more: app/pages/tag.py is not a file of the solution",
    ]


@pytest.mark.parametrize(
    ("variant", "words"),
    [
        ("file: app/routes/tag.py, replace: get, with: got, fails: list",
         "a: app/routes/tag.py is accepted; expected: it fails list"),
        ("file: app/routes/tag.py, replace: put, with: x, fails: list",
         "a: 'put' occurs 0 times in app/routes/tag.py; expected: once"),
        ("file: app/routes/tag.py, replace: t, with: x, fails: list",
         "a: 't' occurs 2 times in app/routes/tag.py; expected: once"),
        ("file: app/routes/tag.py, fails: list", "a: '' occurs"),
        ("file: app/main.py, replace: main, with: x, fails: boots",
         "a: app/main.py is not a file of the solution"),
        ("file: ../secret.py, replace: main, with: x, fails: boots",
         "a: ../secret.py is not a file of the solution"),
    ],
)  # fmt: skip
def test_a_variant_that_shows_nothing_is_told(tmp_path: Path, variant: str, words: str) -> None:
    """Accepted, refused by another check, or an edit that does not apply once."""
    (found,) = told(folder(tmp_path, f"- {{what: a, {variant}}}\n"))
    assert found.startswith(words)


def test_a_variant_may_be_a_whole_text(tmp_path: Path) -> None:
    """In place of an edit, even an empty one."""
    one = WrongVariant.model_validate({"what": "a", "file": "b", "create": "", "fails": "c"})
    assert one.apply_to("anything") == ""
    wrong = "- {what: a, file: app/pages/tag.py, create: 'x !runs', fails: runs}\n"
    assert told(folder(tmp_path, wrong)) == []


def test_the_files_are_proven_as_the_last_request_leaves_them(tmp_path: Path) -> None:
    """On the state that the last request which changed the entity found."""
    one, prover = reference_solutions.load(folder(tmp_path)), Scripted()
    assert list(reference_solutions.problems(one, (TAG, LATER, LATER), {}, prover)) == []
    assert [(case.entity, case.before) for case in prover.cases] == [(LATER, TAG)] * 4


@pytest.mark.parametrize(
    ("text", "words"),
    [("- {what: a, file: b, fails: c}\n- {what: a, file: b}\n", "wrong.yaml:2"),
     ("- {what: a, file: b, fails: c, by: d}\n", "wrong.yaml:1"),
     ("what: a\n", "wrong.yaml:1"), ("- [\n", "wrong.yaml:2")],
)  # fmt: skip
def test_a_wrong_list_of_variants_is_told(tmp_path: Path, text: str, words: str) -> None:
    """With its line."""
    with pytest.raises(InputError) as error:
        reference_solutions.load(folder(tmp_path, text))
    assert words in str(error.value)


def test_a_missing_solution_is_told(tmp_path: Path) -> None:
    """And what it would be; so is one without its list."""
    with pytest.raises(InputError) as error:
        reference_solutions.load(tmp_path / "not there")
    assert "the reference solution is missing" in str(error.value)
    (tmp_path / "app").mkdir()
    with pytest.raises(InputError) as error:
        reference_solutions.load(tmp_path)
    assert "wrong.yaml" in str(error.value)


def test_only_python_is_a_file_of_the_solution(tmp_path: Path) -> None:
    """Whatever else lies there."""
    (folder(tmp_path) / "README.md").write_text("x")
    assert set(reference_solutions.load(tmp_path).files) == set(FILES)
