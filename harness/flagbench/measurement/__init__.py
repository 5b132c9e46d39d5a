"""Measurement of a cell: tokens, seconds, dollars and its trace; the summary of a series."""
