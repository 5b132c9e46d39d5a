"""Verdicts: targets and baselines compared with a measurement, and changes explained."""
