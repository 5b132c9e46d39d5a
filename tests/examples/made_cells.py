"""Cells made up for tests of statistics: rows of a result table with the figures that matter."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.compare.cells import Cell

FLAGS = ("cache", "templates")
PATHS = ("app/a.py", "app/b.py", "app/c.py", "app/d.py")


def row(
    combination: str = "none",
    *,
    scenario: str = "one",
    trial: int = 1,
    tokens: Sequence[int] = (1000,),
    seconds: float = 10.0,
    flags: Sequence[str] = FLAGS,
    refused: Iterable[str] = (),
    refuted: Iterable[str] = (),
    **other: Any,
) -> dict[str, Any]:
    """A row; `tokens` are those of each request, `refused` and `refuted` are paths of the first.

    Each request has the same four files. The combination `all` has every flag on.
    """
    on = flags if combination == "all" else combination.split("+")
    ids = [f"{scenario}-{place:02}" for place in range(1, len(tokens) + 1)]
    refused, refuted = set(refused), set(refuted)
    files = len(PATHS) * len(ids)
    return {
        "scenario": scenario,
        "combination": combination,
        "trial": trial,
        "provider": "simulated",
        "model": "gpt-4o-mini",
        "tokenizer": "o200k_base",
        "cassette": f"{scenario}-{trial}".ljust(64, "0"),
        "flags": {flag: str(flag in on).lower() for flag in flags},
        "requests": len(ids),
        "calls": len(ids),
        "tokens": sum(tokens),
        "seconds": seconds,
        "usd": sum(tokens) / 1e6,
        "price_since": "2024-07-18",
        "by_request": {
            one: {"calls": 1, "prompt_tokens": amount, "completion_tokens": 0, "seconds": 1.0}
            for one, amount in zip(ids, tokens, strict=True)
        },
        "rates": {
            "acceptance_rate": [files - len(refuted), files],
            "approval_rate": [files - len(refused), files],
        },
        "artifacts": [
            {"request_id": one, "path": path, "approved": (place, path) not in refused_at(refused)}
            for place, one in enumerate(ids)
            for path in PATHS
        ],
        "refuted": [{"request": 1, "path": path} for path in sorted(refuted)],
        **other,
    }


def refused_at(paths: Iterable[str]) -> set[tuple[int, str]]:
    """Refused files are those of the first request."""
    return {(0, path) for path in paths}


def cell(combination: str = "none", **figures: Any) -> Cell:
    """The cell of a row."""
    return Cell.model_validate(row(combination, **figures))


def write(folder: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    """A results folder with these rows."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(one) for one in rows]
    folder.joinpath("cells.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder
