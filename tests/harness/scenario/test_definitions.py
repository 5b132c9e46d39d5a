"""Domains and compliance sets: those of flagbench, and those that come with a brief."""

from pathlib import Path

import pytest

from flagbench.acceptance.enterprise.case import Systems
from flagbench.acceptance.enterprise.components import COMPONENTS
from flagbench.acceptance.proof_cache import key_of
from flagbench.scenario.brief import read
from flagbench.scenario.definitions import built_in
from flagbench.scenario.request_file import Documents
from flagbench.yaml_lines import WrongLines

BRIEF = """\
name: parcels
tech_stack: {language: Python, framework: FastAPI}
system_design: {scale: startup, deployment: compose}
requirements_analysis: {domain: logistics, compliance: [CCPA, Till]}
"""
DOMAIN = """\
domain: logistics
entities:
  Recipient: {name: text, contact: email, address: text}
  Depot: {city: text, capacity: integer}
  Parcel: {recipient: Recipient, depot: Depot, weight: number}
sensitive: {Recipient: [address]}
"""
CCPA = """\
compliance: CCPA
title: California Consumer Privacy Act
controls:
  export: § 1798.110
  erasure: § 1798.105
"""
TILL = """\
compliance: Till
title: Rules of the till
controls: {audit_changes: Rule 1, append_only: Rule 2, encryption: Rule 3}
"""
FILES = {"brief.yaml": BRIEF, "logistics.yaml": DOMAIN, "CCPA.yaml": CCPA, "Till.yaml": TILL}


def documents(*edits: tuple[str, str, str]) -> Documents:
    """The files of a request, with edits: the file, an old text, and a new one."""
    files = dict(FILES)
    for name, old, new in edits:
        assert files[name].count(old) == 1, (name, old)
        files[name] = files[name].replace(old, new)
    return Documents([*files.items()])


def test_the_sets_of_flagbench_have_these_controls() -> None:
    """Beside three domains; each is a file of the form that a person would add."""
    assert {name: [*part.controls] for name, part in built_in().sets.items()} == {
        "GDPR": ["export", "erasure"],
        "HIPAA": ["encryption", "audit_reads", "append_only"],
        "SOX": ["audit_changes", "append_only", "four_eyes"],
    }
    assert [*built_in().domains] == ["e-commerce", "finance", "healthcare"]


def test_a_brief_may_name_what_comes_with_it() -> None:
    """In any case of letters; a field is sensitive under encryption, whatever the set is called."""
    brief = read(documents(("brief.yaml", "logistics, ", "Logistics, ")).text)
    assert [entity.table for entity in brief.entities] == ["recipients", "depots", "parcels"]
    assert brief.compliance == ("CCPA", "Till")
    assert brief.controls == {"export", "erasure", "audit_changes", "append_only", "encryption"}
    assert brief.has_audit
    assert brief.person is not None
    assert brief.person.table == "recipients"
    assert [c.name for e in brief.entities for c in e.columns if c.sensitive] == ["address"]


@pytest.mark.parametrize(
    ("name", "old", "new", "where", "what", "expected"),
    [
        ("CCPA.yaml", "erasure", "erazure", "CCPA.yaml:5", "'erazure'", "'erasure'"),
        ("CCPA.yaml", "controls", "contrls", "CCPA.yaml:3", "unknown key", "controls"),
        ("CCPA.yaml", "compliance: CCPA", "compliance: gdpr", "CCPA.yaml:1", "GDPR already",
         "a name of its own"),
        ("CCPA.yaml", "compliance: CCPA", "set: CCPA", "CCPA.yaml:1", "neither a domain",
         "`domain: NAME`"),
        ("CCPA.yaml", "title: C", "title: [C", "CCPA.yaml:3", "not valid YAML", ""),
        ("logistics.yaml", "depot: Depot", "depot: Depo", "logistics.yaml:5", "unknown type, Depo",
         "Depot"),
        ("logistics.yaml", "domain: logistics", "domain: Finance", "logistics.yaml:1",
         "finance already", "a name of its own"),
        ("logistics.yaml", "  Depot: {city", "  Value: {city", "logistics.yaml:4", "a word of SQL",
         "another name"),
        ("logistics.yaml", "city: text", "group: text", "logistics.yaml:4", "a word of SQL",
         "another name"),
        ("logistics.yaml", "city: text", "parcel: Parcel", "logistics.yaml:2", "none can be first",
         "a row that can be the first"),
        ("logistics.yaml", "[address]", "[contact]", "logistics.yaml:6", "not a text of Recipient",
         "one of name, address"),
        ("logistics.yaml", "city: text, capacity", "city: text, city", "logistics.yaml:4",
         "duplicate key", ""),
        ("Till.yaml", "audit_changes: Rule 1, ", "", "Till.yaml:3", "append_only without", "both"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_definition_is_told(
    name: str, old: str, new: str, where: str, what: str, expected: str
) -> None:
    """With its file and line, and what is expected there."""
    given = documents((name, old, new))
    with pytest.raises(WrongLines) as caught:
        read(given.text)
    line, told, wanted = caught.value.wrong[0]
    assert ":".join(map(str, given.place(line))) == where
    assert what in told
    assert expected in wanted


@pytest.mark.parametrize(
    ("edits", "told"),
    [
        ([("brief.yaml", "CCPA,", "CPPA,")], "CPPA is not one of GDPR, HIPAA, SOX, CCPA, Till"),
        ([("brief.yaml", "logistics", "trade")], "trade is not one of e-commerce, .*its file"),
        ([("logistics.yaml", "contact: email", "contact: text")],
         "CCPA needs an entity with an e-mail address, logistics has none"),
        ([("Till.yaml", "encryption", "four_eyes")],
         "Till needs an entity Payment with status: text"),
    ],
)  # fmt: skip
def test_a_set_needs_what_its_controls_need(edits: list[tuple[str, str, str]], told: str) -> None:
    """By its own name, and by no name that flagbench knows."""
    with pytest.raises(ValueError, match=told):
        read(documents(*edits).text)


def test_another_definition_has_another_proof() -> None:
    """The same files are proven again when the definitions they are checked against change."""
    keys = {
        key_of(Systems({}).case(read(text), COMPONENTS["auth"], {}))
        for text in (
            documents().text,
            documents(("CCPA.yaml", "  erasure: § 1798.105\n", "")).text,
            documents(("logistics.yaml", "weight: number", "weight: integer")).text,
        )
    }
    assert len(keys) == 3


def test_a_line_of_a_request_is_one_of_its_files(tmp_path: Path) -> None:
    """Whether or not they end with a line break; that of a single file is its text."""
    files = Documents([("a", "1\n2"), ("b", "4\n"), ("c", "6")])
    assert files.text == "1\n2\n---\n4\n---\n6"
    assert [files.place(line) for line in (1, 2, 4, 6)] == [("a", 1), ("a", 2), ("b", 1), ("c", 1)]
    assert Documents([(str(tmp_path), "x")]).text == "x"
