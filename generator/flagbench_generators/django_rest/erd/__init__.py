"""Entity-relationship diagrams: entities with fields and relations, read from JSON."""

from flagbench_generators.django_rest.erd.entity import Entity, Relation
from flagbench_generators.django_rest.erd.erd import Erd, canonical, digest
from flagbench_generators.django_rest.erd.field import Field
from flagbench_generators.django_rest.erd.problem import ErdErrors
from flagbench_generators.django_rest.erd.read import read
from flagbench_generators.django_rest.erd.schema import schema
from flagbench_generators.kernel.problem import Problem

__all__ = [
    "Entity",
    "Erd",
    "ErdErrors",
    "Field",
    "Problem",
    "Relation",
    "canonical",
    "digest",
    "read",
    "schema",
]
