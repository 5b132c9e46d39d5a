"""Sections of a report that need more than its own figures, one file per section.

Savings by flag, interactions, sweeps, the timeline, claims and trends; `build.answers` puts them
together.
"""
