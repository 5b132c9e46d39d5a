"""Comparison of two series: paired differences with confidence limits, and a gate on them.

`sources` finds the results, `pairing` pairs them or refuses, `comparison` computes the statistics,
`gate` decides.
"""
