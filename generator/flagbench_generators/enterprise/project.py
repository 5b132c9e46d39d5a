"""A resolved brief: tables, replicas, requests, as prompts and templates use them."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from graphlib import TopologicalSorter

import yaml

from flagbench_generators.enterprise.brief import PLAIN_TYPES, Brief
from flagbench_generators.enterprise.catalog import (
    Compliance,
    Control,
    Domain,
    Endpoint,
    Framework,
    Known,
    controls,
    find,
    frameworks,
)
from flagbench_generators.kernel.naming import plural, snake_case
from flagbench_generators.kernel.request_spec import RequestSpec

REPLICAS = {"startup": (1, 3), "enterprise": (3, 10), "hyperscale": (10, 100)}


def table_of(entity: str) -> str:
    """The table and path of an entity: OrderLine -> order_lines."""
    return plural(snake_case(entity))


class Project:
    """A brief with what it names; equal if the briefs are, and what comes with them."""

    beyond_templates = None

    def __init__(self, brief: Brief, known: Known) -> None:
        self.brief = brief
        self.known = known
        parts = (brief, self.domain, *self.compliance.values())
        self.specification = yaml.safe_dump_all(part.model_dump(mode="json") for part in parts)

    def __hash__(self) -> int:
        return hash(self.specification)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Project) and self.specification == other.specification

    @property
    def name(self) -> str:
        """The name of the service."""
        return self.brief.name

    @property
    def module(self) -> str:
        """The name of the service; no file is named after it."""
        return self.brief.name

    @cached_property
    def framework(self) -> Framework:
        """The web framework."""
        return find(self.brief.tech_stack.framework, frameworks())

    @cached_property
    def domain(self) -> Domain:
        """The domain."""
        return find(self.brief.requirements_analysis.domain, self.known.domains)

    @cached_property
    def compliance(self) -> Mapping[str, Compliance]:
        """The compliance sets by name, in the order of the brief."""
        names = self.brief.requirements_analysis.compliance
        parts = (find(name, self.known.sets) for name in names)
        return {part.compliance: part for part in parts}

    @cached_property
    def controls(self) -> Mapping[str, Control]:
        """The controls of the compliance sets by name, each once."""
        names = (name for part in self.compliance.values() for name in part.controls)
        return {name: controls()[name] for name in names}

    @cached_property
    def statements(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        """Set -> (article, what it does) of each control; sets that no model knows are named."""
        new = self.known.added
        return {
            name: [
                (f"{name} {control.replace('_', ' ')}, {article}" if name in new else article,
                 controls()[control].does)
                for control, article in part.controls.items()
            ]
            for name, part in self.compliance.items()
        }  # fmt: skip

    @cached_property
    def fields(self) -> Mapping[str, Mapping[str, str]]:
        """Entity -> field -> type, of the domain and of the brief."""
        components = self.brief.requirements_analysis.components
        return {**self.domain.entities, **{each.name: each.fields for each in components}}

    @cached_property
    def entities(self) -> Mapping[str, Mapping[str, str]]:
        """Table -> column -> type; the type of a foreign key is a table."""
        return {
            table_of(entity): {
                field if kind in PLAIN_TYPES else f"{field}_id": (
                    kind if kind in PLAIN_TYPES else table_of(kind)
                )
                for field, kind in fields.items()
            }
            for entity, fields in self.fields.items()
        }

    @cached_property
    def sensitive(self) -> Mapping[str, Sequence[str]]:
        """Table -> columns to encrypt, if a compliance set wants that."""
        if "encryption" not in self.controls:
            return {}
        return {table_of(entity): columns for entity, columns in self.domain.sensitive.items()}

    @cached_property
    def person(self) -> str:
        """The table with the e-mail addresses, "" without one."""
        found = (table for table, columns in self.entities.items() if "email" in columns.values())
        return next(found, "")

    @property
    def email(self) -> str:
        """The column with the e-mail address of a person, "" without one."""
        columns = self.entities.get(self.person, {}).items()
        return next((name for name, kind in columns if kind == "email"), "")

    @cached_property
    def endpoints(self) -> Sequence[Endpoint]:
        """The requests that the controls add, each once."""
        found = [endpoint for control in self.controls.values() for endpoint in control.paths]
        return list({(each.method, each.path): each for each in found}.values())

    @cached_property
    def restricted(self) -> Mapping[str, Sequence[str]]:
        """Path prefix -> roles."""
        parts = (control.restricted.items() for control in self.controls.values())
        return {path: roles for part in parts for path, roles in part}

    @property
    def has_audit(self) -> bool:
        """True if a compliance set wants an audit log."""
        return not self.controls.keys().isdisjoint(("audit_reads", "audit_changes"))

    @property
    def replicas(self) -> tuple[int, int]:
        """The least and the most replicas of the scale."""
        return REPLICAS[self.brief.system_design.scale]

    @property
    def title(self) -> str:
        """The name of the service in words."""
        return self.name.replace("-", " ").capitalize()

    @cached_property
    def ordered_tables(self) -> Sequence[str]:
        """The tables, each after those that it refers to."""
        references = {
            table: {kind for kind in columns.values() if kind in self.entities and kind != table}
            for table, columns in self.entities.items()
        }
        return list(TopologicalSorter(references).static_order())

    @property
    def example_table(self) -> str:
        """The first table that refers to no other, for examples."""
        return next(table for table in self.entities if not self._references(table))

    @property
    def referring_table(self) -> str:
        """The first table that refers to another one, "" without one."""
        return next((table for table in self.entities if self._references(table)), "")

    def _references(self, table: str) -> list[str]:
        return [kind for kind in self.entities[table].values() if kind in self.entities]

    def example(self, table: str, number: int = 1) -> dict[str, object]:
        """The values of a row, other ones for each number; it refers to rows with that id."""
        values = {
            "text": f"Ada {number}",
            "email": f"ada{number}@example.org",
            "integer": number,
            "number": number + 0.5,
            "boolean": number % 2 == 1,
        }
        row = {name: values.get(kind, number) for name, kind in self.entities[table].items()}
        if table == "payments" and "four_eyes" in self.controls:
            row["status"] = "pending"
        return row

    @lru_cache(maxsize=256)  # noqa: B019  pure, and few projects differ
    def brief_for(self, parts: frozenset[str]) -> str:
        """The resolved brief as YAML, with `parts` of entities and compliance."""
        design = self.brief.system_design
        resolved: dict[str, object] = {
            "name": self.name,
            "tech_stack": {"language": self.framework.language, "framework": self.framework.name},
            "system_design": {"scale": design.scale, "deployment": design.deployment},
        }
        if "compliance" in parts:
            resolved["compliance"] = list(self.compliance)
            resolved["controls"] = [
                f"{article}: {does}" for part in self.statements.values() for article, does in part
            ]
            if not self.known.added.isdisjoint(self.compliance):
                resolved["standards_as_for"] = {
                    key: part.like for key, part in self.controls.items()
                }
        if "entities" in parts:
            resolved["person"] = self.person
            resolved["sensitive"] = {name: list(cols) for name, cols in self.sensitive.items()}
            resolved["entities"] = {
                entity: {"table": table_of(entity), "fields": dict(columns)}
                for entity, columns in zip(self.fields, self.entities.values(), strict=True)
            }
        return yaml.safe_dump(
            resolved, sort_keys=False, default_flow_style=None, allow_unicode=True, width=100
        )

    def parts(self, per: str, when: str | None) -> Iterator[Mapping[str, str]]:
        """Yield nothing: this system has no rules."""
        del per, when
        return iter(())


def project_of(spec: RequestSpec) -> Project:
    """The project that a specification is. Raises `TypeError` for that of another system."""
    if not isinstance(spec, Project):
        raise TypeError(f"{spec!r} is not the specification of an enterprise backend")
    return spec
