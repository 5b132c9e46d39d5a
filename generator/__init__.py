"""A code generator with six optimisations to switch on and off: the subject of the benchmark."""

from generator.crud import Outcome, crud
from generator.flags import FACTORS, Flags

__all__ = ["FACTORS", "Flags", "Outcome", "crud"]
