"""Two code generators with optimisations to switch on and off: the subjects of the benchmark."""

from generator.flags import FACTORS, Flags
from generator.rest.subject import django
from generator.subject import Outcome, crud

__all__ = ["FACTORS", "Flags", "Outcome", "crud", "django"]
