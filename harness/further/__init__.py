"""What a report says beyond its own run's figures: savings by flag, interactions, what the virtual
clock showed, claims, trends. One file per part; `parts` puts them together.
"""
