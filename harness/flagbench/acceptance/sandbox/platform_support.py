"""Platform support: a sandbox needs Linux, and a child without one needs a Unix."""

import importlib.util
import os
import sys


def has_sandbox() -> bool:
    """Whether the platform can have walls that keep generated code from the machine."""
    return sys.platform == "linux" and can_run_children()


def can_run_children() -> bool:
    """Whether children can be run at all, be it behind no wall but the limits of every Unix."""
    return hasattr(os, "fork") and importlib.util.find_spec("resource") is not None
