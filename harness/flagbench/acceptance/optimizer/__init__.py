"""Acceptance of an optimizer's work: the same results as the plain, slow way, and no more calls."""
