"""The brief of an enterprise backend: technology, system design, requirements."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Scale = Literal["startup", "enterprise", "hyperscale"]
Deployment = Literal["compose", "kubernetes"]
PLAIN_TYPES = ("text", "integer", "number", "boolean", "email")

ProjectName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)]
EntityName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]*$", max_length=40)]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Word = Annotated[str, StringConstraints(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class TechStack(_Part):
    """The programming language and the web framework."""

    language: Word = Field(description="The language of the framework.", examples=["Python"])
    framework: Word = Field(description="The name of a framework.", examples=["FastAPI"])


class SystemDesign(_Part):
    """The size of the system and where it runs."""

    scale: Scale
    deployment: Deployment


class MoreEntity(_Part):
    """An entity besides those of the domain.

    A field's type is text, integer, number, boolean, email, or the name of an entity.
    """

    name: EntityName
    fields: dict[FieldName, Word] = Field(min_length=1)


class Requirements(_Part):
    """The business: a domain, compliance sets, and more entities."""

    domain: Word = Field(description="The name of a domain.", examples=["e-commerce"])
    compliance: list[Word] = Field([], description="Names of compliance sets.", examples=[["GDPR"]])
    components: list[MoreEntity] = []


class Brief(_Part):
    """The brief of an enterprise backend."""

    name: ProjectName = Field(description="The name of the service, such as shop.")
    tech_stack: TechStack
    system_design: SystemDesign
    requirements_analysis: Requirements


def json_schema() -> dict[str, Any]:
    """Generate the JSON Schema of a brief, draft 2020-12; a test holds the published file to it.

    The names of frameworks, domains, compliance sets and entities are checked by
    `flagbench_generators.enterprise.read_brief`, since they are data.
    """
    schema = Brief.model_json_schema()
    for definition in (schema, *schema["$defs"].values()):
        for key in definition["properties"].values():
            key.pop("title", None)  # repeats the key
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "brief.schema.json",
        "title": schema.pop("title"),
        "description": schema.pop("description"),
    }
    return {**head, **schema}
