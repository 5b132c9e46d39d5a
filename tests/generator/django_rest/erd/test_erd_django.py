"""What an ERD allows, Django takes: its own checks find nothing in the models."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from made_erds import MEETING, documents

from flagbench_generators.django_rest.erd import Erd, ErdErrors, canonical, read

pytest.importorskip("django")
HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[3]


def told(erds: list[Erd]) -> list[list[str]]:
    """What Django says of each, in a process of its own: its settings are global."""
    done = subprocess.run(
        [sys.executable, str(HERE / "django_models.py")],
        input=json.dumps([canonical(one) for one in erds]),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    found: list[list[str]] = json.loads(done.stdout)
    return found


def test_django_takes_the_examples() -> None:
    """Their models pass the checks, and their tables are made."""
    paths = sorted((ROOT / "scenarios" / "erds").glob("*.json"))
    found = told([read(path.read_text()) for path in paths])
    assert found == [[] for _ in paths]


@settings(
    max_examples=3,  # each is dozens of ERDs in one process; 40 were tried by hand
    phases=[Phase.generate],  # to make an example smaller takes minutes; the text says which it is
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(documents(MEETING), min_size=25, max_size=40))
def test_django_takes_what_is_read(made: list[dict[str, Any]]) -> None:
    """Of ERDs whose names nearly clash, those that are not refused."""
    right = []
    for document in made:
        try:
            right.append(read(json.dumps(document)))
        except ErdErrors:
            continue
    for erd, found in zip(right, told(right), strict=True):
        assert found == [], canonical(erd)
