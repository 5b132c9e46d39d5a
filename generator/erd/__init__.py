"""What a backend is asked for: entities, their fields and relations, read from JSON."""

from generator.erd.entity import Entity, Relation
from generator.erd.erd import Erd, canonical, digest
from generator.erd.field import Field
from generator.erd.problem import ErdErrors, Problem
from generator.erd.read import read
from generator.erd.schema import schema

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
