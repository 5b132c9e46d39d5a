"""Paired results as a data frame, for analysis."""

from dataclasses import asdict, fields

import pandas as pd

from harness.compare.breakdown import PairedValue, rows
from harness.compare.paired import Paired


def frame(paired: Paired) -> pd.DataFrame:
    """`harness.compare.breakdown.rows` as a frame: scenario, trial, request, metric, a, b."""
    columns = [field.name for field in fields(PairedValue)]
    return pd.DataFrame([asdict(row) for row in rows(paired)], columns=columns)
