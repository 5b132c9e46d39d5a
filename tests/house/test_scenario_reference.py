"""The scenario reference has every key of the models of scenario files, and no other."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, get_args

import pytest
import yaml
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python

from flagbench.acceptance.reference_solutions import WrongVariant
from flagbench.analysis.claims import claim
from flagbench.scenario.schema import ScenarioFile

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "scenarios.md"
# A heading of the document, and the model whose keys its table has.
HEADINGS = {
    "Top level": "ScenarioFile",
    "A request from a file": "RequestFile",
    "Provider": "ProviderPart",
    "Settings of the simulated provider": "ProviderSettings",
    "A factor of the scenario's own": "FactorPart",
    "A command": "CommandPart",
    "Dashboard": "DashboardPart",
    "A threshold": "Threshold",
    "An entity": "Entity",
    "Statuses": "Statuses",
    "A relation": "Relation",
    "A business rule": "Rule",
    "Own checks": "OwnChecksPart",
    "An own check": "OwnCheck",
    "A service": "ServicePart",
    "A rule for requests that vary": "MatchRule",
    "A wrong variant": "WrongVariant",
    "Claims": "_File",
    "A source": "Source",
    "A claim": "Claim",
    "A reduction": "Reduction",
    "An amount": "Amount",
    "A rate": "Rate",
}
REQUIRED = "required"


@dataclass(frozen=True)
class Row:
    """A documented key; `default` is `required` or a YAML value in backticks."""

    default: str
    example: str


def documented() -> dict[str, dict[str, Row]]:
    """Model -> key -> row, as the document has them."""
    tables: dict[str, dict[str, Row]] = {}
    sections = re.split(r"^##+ ", REFERENCE.read_text("utf-8"), flags=re.MULTILINE)
    for section in sections[1:]:
        heading = section.splitlines()[0].partition(" (")[0]
        rows = re.findall(
            r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \| [^|]*\| `([^|]+)` \|$", section, re.MULTILINE
        )
        if rows:
            keys = {key: Row(default.strip(), example) for key, default, example in rows}
            tables[HEADINGS[heading]] = keys
    return tables


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models within an annotation, and those within their fields."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from models(field.annotation)
    for argument in get_args(annotation):
        yield from models(argument)


ROOTS = (ScenarioFile, WrongVariant, claim._File)
MODELS = {model.__name__: model for root in ROOTS for model in models(root)}


def fields(model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """The keys of a model, as a file has them."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


@pytest.mark.parametrize("name", MODELS)
def test_the_reference_has_the_keys_of_the_model(name: str) -> None:
    """A new key must be documented, a removed one must leave the document."""
    assert sorted(documented()[name]) == sorted(fields(MODELS[name]))


@pytest.mark.parametrize("name", MODELS)
def test_defaults_are_those_of_the_model(name: str) -> None:
    """What is left out has the value that the document says."""
    for key, field in fields(MODELS[name]).items():
        row = documented()[name][key]
        assert (row.default == REQUIRED) == field.is_required(), key
        if not field.is_required():
            default = field.default
            if isinstance(default, BaseModel):
                default = default.model_dump(exclude_unset=True)
            stated = yaml.safe_load(row.default.strip("`"))
            assert stated == to_jsonable_python(default), key


@pytest.mark.parametrize("name", MODELS)
def test_examples_are_valid(name: str) -> None:
    """What a reader copies is accepted; it gives the key that it is the example of."""
    for key, field in fields(MODELS[name]).items():
        example = yaml.safe_load(documented()[name][key].example)
        assert list(example) == [key]
        wanted = (
            Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
        )
        TypeAdapter(wanted).validate_python(example[key])


def test_the_reference_has_no_model_that_does_not_exist() -> None:
    """A table belongs to a model that a file can have."""
    assert documented().keys() == MODELS.keys()
