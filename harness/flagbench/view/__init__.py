"""Pages of a run, from its verdicts down to each call: served on loopback, or as files."""
