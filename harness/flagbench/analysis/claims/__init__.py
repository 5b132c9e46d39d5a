"""Published claims about the flags, compared with what was measured here.

`claim` reads `scenarios/claims.yaml`, `assessment` compares each claim with the results, `table`
formats the outcome for the reports.
"""
