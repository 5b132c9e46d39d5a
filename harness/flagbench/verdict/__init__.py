"""Targets and baselines held against a measurement, and what explains a change."""
