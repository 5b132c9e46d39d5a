"""Pipelines: one file each, data only."""
