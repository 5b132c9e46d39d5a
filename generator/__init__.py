"""A code generator with six optimisations to switch on and off: the subject of the benchmark."""

from generator.flags import FACTORS, Flags
from generator.subject import Outcome, crud

__all__ = ["FACTORS", "Flags", "Outcome", "crud"]
