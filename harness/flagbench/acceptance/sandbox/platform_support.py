"""Platform support: a sandbox needs Linux, and a child without one needs a Unix."""

import importlib.util
import os
import sys


def has_sandbox() -> bool:
    """True on Linux: only there a sandbox has walls other than resource limits."""
    return sys.platform == "linux" and can_run_children()


def can_run_children() -> bool:
    """True on a Unix: children can be forked, if only behind resource limits."""
    return hasattr(os, "fork") and importlib.util.find_spec("resource") is not None
