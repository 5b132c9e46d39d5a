"""Attributes of pytest's reports that carry results: from a worker, and to who shows progress."""

# A `SeriesReport`, pickled by a worker, and the ids of all the series of its scenario.
CARRIED, DECLARED = "flagbench", "flagbench_declared"
