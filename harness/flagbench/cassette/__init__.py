"""Recorded interactions: strict matching, files, scrubbing, and mismatches explained."""
