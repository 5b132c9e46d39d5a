"""Briefs: what is valid, and every problem at its place."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from briefs import REVIEW, SHOP, brief

from flagbench_generators.enterprise import brief as briefs_module
from flagbench_generators.enterprise.brief import json_schema
from flagbench_generators.enterprise.catalog import built_in, frameworks
from flagbench_generators.enterprise.form import BriefErrors
from flagbench_generators.enterprise.read_brief import read_brief

SCHEMA = json.loads(
    Path(briefs_module.__file__).with_name("brief.schema.json").read_text(encoding="utf-8")
)


def test_the_published_schema_is_that_of_the_models() -> None:
    """It is generated, and a brief of each system is valid by it."""
    assert json_schema() == SCHEMA
    jsonschema.validate(yaml.safe_load(brief(components=REVIEW)), SCHEMA)


def test_a_brief_is_resolved() -> None:
    """Tables, foreign keys, replicas and requests follow from domain, scale and compliance."""
    project = read_brief(brief(components=REVIEW, compliance="SOX, GDPR", domain="finance"
                               ).replace("Product", "Account"))  # fmt: skip
    assert project.entities["reviews"] == {"rating": "integer", "product_id": "accounts"}
    assert (project.person, project.replicas, project.has_audit) == ("accounts", (3, 10), True)
    assert [endpoint.path for endpoint in project.endpoints] == [
        "/api/v1/audit", "/api/v1/payments/{id}/approve",
        "/api/v1/privacy/{email}/export", "/api/v1/privacy/{email}",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ("name: shop", "name: Shop", "$.name", "not a valid name"),
        ("name: shop\n", "", "$", '"name" is missing'),
        ("FastAPI", "FastAPy", "$.tech_stack.framework", "unknown framework"),
        ("language: Python", "language: Go", "$.tech_stack.language", "not the language"),
        ("enterprise", "huge", "$.system_design.scale", "unknown"),
        ("kubernetes", "k8s", "$.system_design.deployment", "unknown"),
        ("e-commerce", "shops", "$.requirements_analysis.domain", "unknown domain"),
        ("[GDPR]", "[GPDR]", "$.requirements_analysis.compliance[0]", "unknown compliance set"),
        ("[GDPR]", "[GDPR, GDPR]", "$.requirements_analysis.compliance[1]", "occurs twice"),
        ("[GDPR]", "GDPR", "$.requirements_analysis.compliance", "not a list"),
        ("components: []", "comments: []", "$.requirements_analysis.comments", "unknown key"),
        ("components: []", "components: [{name: Order, fields: {a: text}}]",
         "$.requirements_analysis.components[0].name", "occurs twice"),
        ("components: []", "components: [{name: Value, fields: {a: text}}]",
         "$.requirements_analysis.components[0].name", "a word of SQL"),
        ("[GDPR]", "[SOX]", "$.requirements_analysis.compliance", "SOX needs an entity Payment"),
        ("[GDPR]", "[HIPAA]", "$.requirements_analysis.compliance", "HIPAA needs sensitive fields"),
        ("components: []", "components: [{name: Note, fields: {b: txt}}]",
         "$.requirements_analysis.components[0].fields.b", "unknown type"),
        ("components: []", "components: [{name: Note, fields: {order: text}}]",
         "$.requirements_analysis.components[0].fields.order", "a word of SQL"),
        ("components: []", "components: [{name: Note, fields: {}}]",
         "$.requirements_analysis.components[0].fields", "empty"),
        ("components: []", "components: [{name: Note, fields: {b: Note}}]",
         "$.requirements_analysis.components", "refer to each other"),
        ("name: shop", "name: shop\nname: shop", "line 1, column 1", "occurs twice"),
        ("[GDPR]", "[GDPR", "line 7, column 13", "not YAML"),
    ],
)  # fmt: skip
def test_a_problem_has_its_place(old: str, new: str, where: str, what: str) -> None:
    """One problem, at the path of what is wrong."""
    with pytest.raises(BriefErrors) as caught:
        read_brief(SHOP.replace(old, new, 1))
    assert [(found.where, what in found.what) for found in caught.value.problems] == [(where, True)]


def test_what_a_compliance_set_needs_may_be_a_component() -> None:
    """An entity with its fields."""
    payment = "{name: Payment, fields: {amount: number, status: text}}"
    project = read_brief(brief(compliance="SOX", components=payment))
    assert "/api/v1/payments/{id}/approve" in [endpoint.path for endpoint in project.endpoints]
    with pytest.raises(BriefErrors, match="SOX needs an entity Payment with status: text"):
        read_brief(brief(compliance="SOX", components=payment.replace(", status: text", "")))


def test_all_problems_are_reported_together() -> None:
    """Those of the form, of names, and of entities."""
    wrong = brief("Rails", name="Shop", scale="huge", compliance="GPDR", components="{name: a}")
    with pytest.raises(BriefErrors) as caught:
        read_brief(wrong)
    assert [found.where for found in caught.value.problems] == [
        "$.name", "$.system_design.scale", "$.requirements_analysis.components[0].name",
        "$.requirements_analysis.components[0]", "$.tech_stack.framework",
        "$.requirements_analysis.compliance[0]",
    ]  # fmt: skip


def test_what_a_brief_names_is_data() -> None:
    """Each file of the three folders is read, by the name that a brief uses."""
    assert set(frameworks()) == {"Django", "Express", "FastAPI", "Flask"}
    assert set(built_in().domains) == {"e-commerce", "finance", "healthcare"}
    assert set(built_in().sets) == {"GDPR", "HIPAA", "SOX"}
    assert read_brief(SHOP.replace("FastAPI", "fastapi")).framework.name == "FastAPI"
