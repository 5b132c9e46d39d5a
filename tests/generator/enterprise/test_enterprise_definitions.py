"""Domains and compliance sets that come with a brief, as further documents of its text."""

import pytest
import yaml
from briefs import brief, files_of

from flagbench_generators.enterprise.form import BriefErrors
from flagbench_generators.enterprise.read_brief import read_brief

BRIEF = brief(domain="logistics", compliance="CCPA, Till").replace("shop", "parcels")
MORE = """\
---
domain: logistics
entities:
  Recipient: {name: text, contact: email, address: text}
  Depot: {city: text, capacity: integer}
  Parcel: {recipient: Recipient, depot: Depot, weight: number}
sensitive: {Recipient: [address]}
---
compliance: CCPA
title: California Consumer Privacy Act
controls:
  export: § 1798.110
  erasure: § 1798.105
---
---
compliance: Till
title: Rules of the till
controls: {audit_changes: Rule 1, append_only: Rule 2, encryption: Rule 3}
"""
TEXT = BRIEF + MORE


def test_a_brief_may_name_what_comes_with_it() -> None:
    """The prompts tell what each control of it does, and whose standards say how."""
    project = read_brief(TEXT)
    told = yaml.safe_load(project.brief_for(frozenset({"entities", "compliance"})))
    assert [*told["entities"]] == ["Recipient", "Depot", "Parcel"]
    assert told["sensitive"] == {"recipients": ["address"]}
    assert told["controls"][:2] == [
        "CCPA export, § 1798.110: GET /api/v1/privacy/{email}/export answers with all rows of a"
        " person.",
        "CCPA erasure, § 1798.105: DELETE /api/v1/privacy/{email} deletes the person and all rows"
        " that refer to the person.",
    ]
    assert told["standards_as_for"] == {
        "export": "GDPR", "erasure": "GDPR", "audit_changes": "SOX", "append_only": "SOX",
        "encryption": "HIPAA",
    }  # fmt: skip
    assert [*project.restricted] == ["/api/v1/privacy", "/api/v1/audit"]


def test_what_comes_with_a_brief_is_part_of_it() -> None:
    """Two briefs with different definitions of a name are two projects."""
    other = TEXT.replace("weight: number", "weight: integer")
    assert read_brief(other) != read_brief(TEXT)
    assert read_brief(TEXT) == read_brief(TEXT + "\n")


def test_a_brief_of_built_in_sets_has_no_further_words() -> None:
    """Definitions that it does not name change no prompt."""
    parts = frozenset({"entities", "compliance"})
    assert read_brief(brief() + MORE).brief_for(parts) == read_brief(brief()).brief_for(parts)


@pytest.mark.parametrize("framework", ["FastAPI", "Express"])
def test_templates_go_by_the_address_and_the_controls(framework: str) -> None:
    """A person is found by the field that has the address; only the controls are written."""
    text = TEXT.replace("FastAPI", framework).replace("  erasure: § 1798.105\n", "")
    files = files_of(text if framework == "FastAPI" else text.replace("Python", "JavaScript"))
    suffix = "py" if framework == "FastAPI" else "js"
    assert "WHERE contact = ?" in files[f"security/compliance/controls.{suffix}"]
    assert "DELETE /api/v1/privacy" not in files["docs/API.md"]
    if framework == "FastAPI":
        assert "erase" not in files["security/compliance/controls.py"]
        assert "person['contact']" in files["tests/integration/test_api.py"]
        assert 'path = f"/api/v1/privacy' in files["tests/integration/test_api.py"]
        assert '"DELETE", path,' not in files["tests/integration/test_api.py"]


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ("erasure", "erazure", "line 20, column 3", '"erazure" is unknown'),
        ("compliance: CCPA\n", "compliance: gdpr\n", "line 16, column 1", "already"),
        ("compliance: CCPA\n", "set: CCPA\n", "line 16, column 1", "neither a domain"),
        ("title: Cal", "title: [Cal", "line 18, column 9", "not YAML"),
        ("§ 1798.105", "a | b", "line 20, column 3", "not a valid name"),
        ("depot: Depot", "depot: Depo", "line 13, column 34", 'unknown type "Depo"'),
        ("domain: logistics\nent", "domain: Finance\nent", "line 9, column 1", "already"),
        ("Depot: {city", "Value: {city", "line 12, column 3", "a word of SQL"),
        ("city: text", "raise: text", "line 12, column 11", "a word of SQL"),
        ("city: text", "parcel: Parcel", "line 10, column 1", "refer to each other"),
        ("[address]", "[contact]", "line 14, column 25", "not a text of Recipient"),
        ("audit_changes: Rule 1, ", "", "line 25, column 12", "append_only without"),
        ("encryption: Rule 3", "four_eyes: Rule 3", "$.requirements_analysis.compliance",
         "Till needs an entity Payment with status: text"),
        ("sensitive: {Recipient: [address]}\n", "", "$.requirements_analysis.compliance",
         "Till needs sensitive fields, and logistics has none"),
        ("contact: email", "contact: text", "$.requirements_analysis.compliance",
         "CCPA needs an entity with a field of the type email"),
    ],
)  # fmt: skip
def test_a_problem_of_a_definition_has_its_line(old: str, new: str, where: str, what: str) -> None:
    """The first one is that of the edit."""
    assert TEXT.count(old) == 1
    with pytest.raises(BriefErrors) as caught:
        read_brief(TEXT.replace(old, new))
    problem = caught.value.problems[0]
    assert (problem.where, what in problem.what) == (where, True), problem
