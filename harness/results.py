"""The result table for analysis: `cells.jsonl` as a data frame."""

import json
from pathlib import Path

import pandas as pd


def load_cells(path: Path) -> pd.DataFrame:
    """One row per cell, in the order of the file; nested values get dotted column names.

    A row is what `harness.measure.Measurement` documents, e.g. `by_agent.backend.prompt_tokens`.
    Raises `FileNotFoundError` and `ValueError` for a file that is missing or no result table.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    return pd.json_normalize([json.loads(line) for line in lines])
