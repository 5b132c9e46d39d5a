"""Intervals, effect sizes and tests for few trials."""
