"""What a backend is asked for: entities, their fields and relations, read from JSON or imported."""

from generator.erd.entity import Entity, Relation
from generator.erd.erd import Erd, canonical, digest
from generator.erd.field import Field
from generator.erd.imported import Imported, Loss
from generator.erd.notations import NOTATIONS, from_notation
from generator.erd.problem import ErdErrors, Problem
from generator.erd.read import read
from generator.erd.schema import schema

__all__ = [
    "NOTATIONS",
    "Entity",
    "Erd",
    "ErdErrors",
    "Field",
    "Imported",
    "Loss",
    "Problem",
    "Relation",
    "canonical",
    "digest",
    "from_notation",
    "read",
    "schema",
]
