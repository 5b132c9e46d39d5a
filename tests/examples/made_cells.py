"""Cells made up for tests of statistics: rows of a result table with the figures that matter."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from flagbench.measurement import results
from flagbench.measurement.cell_result import CellResult, from_row

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
        "failed_calls": {},
        "cut_off_calls": 0,
        "prompt_tokens": sum(tokens),
        "completion_tokens": 0,
        "tokens": sum(tokens),
        "cached_prompt_tokens": None,
        "reasoning_tokens": None,
        "tokens_source": {
            "prompt_tokens": "counted",
            "completion_tokens": "counted",
            "tokens": "counted",
        },
        "calls_digest": ",".join(map(str, tokens)),
        "usage_difference": {"prompt_tokens": 0, "completion_tokens": 0},
        "usage_compared": {"prompt_tokens": 0, "completion_tokens": 0},
        "seconds": seconds,
        "usd": sum(tokens) / 1e6,
        "price_since": "2024-07-18",
        "by_agent": {},
        "by_phase": {},
        "by_request": {
            one: {"calls": 1, "prompt_tokens": amount, "completion_tokens": 0, "seconds": 1.0}
            for one, amount in zip(ids, tokens, strict=True)
        },
        "rates": {
            "acceptance_rate": [files - len(refuted), files],
            "approval_rate": [files - len(refused), files],
        },
        "artifacts": [
            {
                "request_id": one,
                "kind": "file",
                "path": path,
                "approved": (place, path) not in refused_at(refused),
                "sha256": "a" * 64,
            }
            for place, one in enumerate(ids)
            for path in PATHS
        ],
        "refuted": [
            {
                "request": 1,
                "path": path,
                "file": path,
                "approved": True,
                "check": "runs",
                "message": "it fails",
                "sha256": "a" * 64,
            }
            for path in sorted(refuted)
        ],
        "events": {},
        "warnings": [],
        **other,
    }


def refused_at(paths: Iterable[str]) -> set[tuple[int, str]]:
    """Refused files are those of the first request."""
    return {(0, path) for path in paths}


def cell(combination: str = "none", **figures: Any) -> CellResult:
    """The cell of a row."""
    return from_row(row(combination, **figures))


def write(folder: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    """A results folder with these rows."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = list(rows)
    lines = results.lines_of(whole, len(whole))
    folder.joinpath("cells.jsonl").write_text("".join(lines), encoding="utf-8")
    return folder
