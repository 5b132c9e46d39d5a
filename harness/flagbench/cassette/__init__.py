"""Recorded interactions: strict matching, files, scrubbing, and explained mismatches."""
