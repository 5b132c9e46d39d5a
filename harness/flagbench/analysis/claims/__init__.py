"""The ledger of claims: what documents claim, beside what was measured here.

`claim` reads `scenarios/claims.yaml`, `ledger` measures, `words` makes the table that reports show.
"""
