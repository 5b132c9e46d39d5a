"""Rules: read and compiled at the start, applied once for everything that they are about."""

from pathlib import Path

import pytest
from scripted import COURSE, PAIR, book, tiny_pipeline

from flagbench_generators.crud.spec import Attribute, Entity
from flagbench_generators.kernel.pipeline import texts_of
from flagbench_generators.kernel.rule import checks_for, load_rules


@pytest.mark.parametrize(
    ("rule", "messages"),
    [("message: '{entity} {module} {table} {path}'", ["Course course courses /courses"]),
     ("per: attribute, message: '{attribute}:{type}'", ["name:str", "level:int"]),
     ("per: attribute, when: required_attribute, message: '{attribute}'", ["name"]),
     ("per: attribute, when: optional_attribute, message: '{attribute}'", ["level"]),
     ("per: relation, message: '{relation} {field} {target}'",
      ["teacher teacher_id Teacher", "students student_ids Student"]),
     ("per: relation, when: many_to_many, message: '{field}'", ["student_ids"]),
     ("per: relation, when: one_to_many, message: '{field}'", []),
     ("when: many_to_one, message: m", ["m"]),
     ("when: one_to_many, message: m", []),
     ("when: required_attribute, message: m", ["m"]),
     ("when: has_rules, message: m", [])],
)  # fmt: skip
def test_a_rule_applies_per_part_and_condition(
    tmp_path: Path, rule: str, messages: list[str]
) -> None:
    """Once for everything it is about, with the names filled in."""
    rules = book(tmp_path, f"id: r, kind: required, pattern: x, {rule}")
    assert [check.message for check in checks_for(rules, COURSE)] == messages


def test_names_in_patterns_are_taken_literally(tmp_path: Path) -> None:
    """A dot or a bracket of a type is no operator."""
    rules = book(
        tmp_path, "id: r, kind: required, per: attribute, pattern: ': {type}$', message: m"
    )
    entity = Entity(name="A", attributes=(Attribute(name="day", type="date"),))
    (check,) = checks_for(rules, entity)
    assert check.pattern.search("day: datetime.date\nother: int")
    assert not check.pattern.search("day: datetimeXdate")


def test_a_brace_of_a_pattern_is_no_name(tmp_path: Path) -> None:
    """`{2,}` counts, and a name that the entity does not have stays as it is written."""
    rules = book(
        tmp_path, "id: r, kind: forbidden, pattern: '(?:pass ){2,}', message: '{attribute}'"
    )
    (check,) = checks_for(rules, COURSE)
    assert check.pattern.search("pass pass ")
    assert not check.pattern.search("pass ")
    assert check.message == "{attribute}"


def test_lines_are_seen_one_by_one_and_as_a_whole(tmp_path: Path) -> None:
    """`^` and `$` are those of any line, and a dot goes over line ends."""
    rules = book(tmp_path, "id: r, kind: forbidden, pattern: '^b.c$', message: m")
    (check,) = checks_for(rules, COURSE)
    assert check.pattern.search("a\nb\nc\nd\n")


@pytest.mark.parametrize(
    ("text", "told"),
    [("- {id: a, kind: required, pattern: '(', message: m}\n"
      "- {id: b, kind: required, pattern: '[', message: m}\n", ["rule 'a': bad pat", "rule 'b'"]),
     ("- {id: a, kind: required, pattern: x, message: m}\n" * 2, ["rule 'a' occurs 2 times"]),
     ("- {id: a, kind: wanted, pattern: x, message: m}\n", ["0.kind"]),
     ("- {id: a, kind: required, pattern: x, message: m, when: never}\n", ["0.when"]),
     ("- {id: a, kind: required, pattern: x, message: m, wieght: 2}\n", ["0.wieght"]),
     ("- {id: a\n", ["rules.yaml"]),
     ("", ["rules.yaml"])],
)  # fmt: skip
def test_a_bad_rule_file_fails_at_the_start(tmp_path: Path, text: str, told: list[str]) -> None:
    """The error names the file and every bad rule."""
    path = tmp_path / "rules.yaml"
    path.write_text(text)
    with pytest.raises(ValueError) as raised:
        load_rules(path)
    assert all(part in str(raised.value) for part in [str(path), *told])


@pytest.mark.parametrize("confidence", ["-0.1", "1.1"])
def test_a_confidence_is_a_fraction(tmp_path: Path, confidence: str) -> None:
    """0.85 is a threshold; 85 would be sure of everything."""
    rule = "id: a, kind: forbidden, pattern: x, message: m"
    with pytest.raises(ValueError, match=r"0\.confidence"):
        book(tmp_path, f"{rule}, confidence: {confidence}")


def test_a_weight_is_more_than_nothing(tmp_path: Path) -> None:
    """A rule that counts for nothing is a mistake."""
    with pytest.raises(ValueError, match=r"0\.weight"):
        book(tmp_path, "id: a, kind: required, pattern: x, message: m, weight: 0")


def test_a_bad_pattern_fails_when_the_pipeline_is_read(tmp_path: Path) -> None:
    """Not in the middle of a session: the file and the rule are named, a good pipeline is read."""
    good = tiny_pipeline(tmp_path / "good")
    assert set(texts_of(good).rules) == {agent.kind for agent in PAIR}
    bad = tiny_pipeline(tmp_path / "bad")
    path = tmp_path / "bad" / "rules" / "backend.yaml"
    path.write_text("- {id: open, kind: required, pattern: '(', message: m}\n")
    with pytest.raises(ValueError, match=r"rule 'open': bad pattern") as raised:
        texts_of(bad)
    assert str(raised.value).startswith(f"{path}: ")
