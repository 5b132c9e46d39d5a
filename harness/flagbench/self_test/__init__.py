"""The gate proves itself: known regressions and harmless changes, and what it says of each."""
