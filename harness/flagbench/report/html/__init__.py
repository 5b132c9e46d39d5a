"""`report.html`: one self-contained page for people, from the frozen `RunReport`."""

from flagbench.report.html.page import write

__all__ = ["write"]
