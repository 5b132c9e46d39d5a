"""The public experiment `gesad-lab/baes_berk_20251103`: its figures, and its statistics again.

`runs.csv` has the figures of its 300 runs (100 each of three generators, gpt-4o-mini, October
2025), `published.csv` what its `analysis/statistical_report_full.md` says of them.
"""
