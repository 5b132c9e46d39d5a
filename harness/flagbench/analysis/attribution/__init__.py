"""Which flag does what: main effects, interactions and Shapley values over a scenario's design.

`table` arranges the cells, `factorial` has the arithmetic of a full design, `aliases` that of a
smaller one, `attribute` puts them together.
"""
