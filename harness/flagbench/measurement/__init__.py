"""A cell in numbers: tokens, seconds, dollars, the trace, and the summary of a series."""
