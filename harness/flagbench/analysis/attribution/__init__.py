"""Attribution of a change to flags: main effects, interactions and Shapley values of a design.

`design_matrix` arranges the cells, `factorial` has the arithmetic of a full design, `aliases` that
of a fractional one; `effects` puts them together.
"""
