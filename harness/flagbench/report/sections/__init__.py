"""Sections of a report beyond its own run's figures: savings by flag, interactions, sweeps, the
timeline, claims, trends. One file per section; `answers` puts them together.
"""
