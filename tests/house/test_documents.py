"""Paths and links in the documents lead to files that are there."""

import re
from pathlib import Path

import pytest

from flagbench.acceptance import artifact_proof
from flagbench.measurement.summary import AMOUNTS, REDUCTIONS
from flagbench.reproduction import documents, ledger
from flagbench.reproduction.stated import Despite, Stated
from flagbench.scenario.targets import METRICS

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    path
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"))
    if ".venv" not in path.parts  # the programs of the examples
)
# Every file and folder that a document may name, by its path from the root.
THERE = [
    f"/{path.relative_to(ROOT).as_posix()}"
    for folder in ("baselines", "docs", "generator", "harness", "scenarios", "tests")
    for path in (ROOT / folder, *(ROOT / folder).rglob("*"))
] + [f"/{path.name}" for path in ROOT.iterdir()]
_LINK = re.compile(r"\]\(([^)#:]+)\)")
# `measurement/prices.py`, in backticks; one with `<name>` or `*` in it is a pattern.
_PATH = re.compile(r"`([\w.-]+(?:/[\w.-]+)*\.(?:py|yaml|json|md|toml)|[\w.-]+/(?:[\w.-]+/)*)`")
# Files that a reader writes, a run makes or a generated application has.
_ELSEWHERE = re.compile(
    r"\.flagbench/|app/|api/|tests/$|reports/|scenarios/x\.yaml|solutions/|\w+\.yaml$|wrong\.yaml|report\.md"
    r"|(summary|shard|environment|ro-crate-metadata)\.json|project/|history/$|analysis/statistical"
    r"|\.steps\.json|(standards|templates|rules|scaffold|latest)/$"
    r"|(enterprise|optimizer)/$"
)


def missing(document: Path, text: str) -> list[str]:
    """The links and paths that lead nowhere; a path may leave out its first folders."""
    links = [link for link in _LINK.findall(text) if not (document.parent / link).exists()]
    paths = [
        path
        for path in _PATH.findall(text)
        if not _ELSEWHERE.match(path)
        and not any(there.endswith(f"/{path.rstrip('/')}") for there in THERE)
    ]
    return links + paths


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_paths_and_links_are_there(document: Path) -> None:
    """A moved or renamed file takes its mentions along."""
    assert missing(document, document.read_text("utf-8")) == []


def test_a_path_that_leads_nowhere_is_found() -> None:
    """Each kind of mention is read."""
    text = "[here](docs/none.md), `harness/flagbench/none.py` and `none.py`; `cli/main.py` is there"
    assert missing(ROOT / "README.md", text) == [
        "docs/none.md", "harness/flagbench/none.py", "none.py",
    ]  # fmt: skip


def test_the_scenarios_are_counted() -> None:
    """In the README, which is changed with each new one."""
    count = sum(path.name != "claims.yaml" for path in (ROOT / "scenarios").glob("*.yaml"))
    assert f"The {count} scenarios run" in (ROOT / "README.md").read_text("utf-8")


def test_every_metric_has_its_formula() -> None:
    """What a target may name, and what a summary has, is a row of the table of metrics."""
    rows = re.findall(
        r"^\| `(\w+)` \|", (ROOT / "docs/metrics.md").read_text("utf-8"), re.MULTILINE
    )
    names = {*METRICS, *AMOUNTS, *REDUCTIONS, *artifact_proof.rates(())}
    assert sorted(rows) == sorted(names)


def test_marked_tables_are_of_the_inputs_that_are_here() -> None:
    """A table whose scenario, recording or script has changed is made again: reproduce --write."""
    tables, stated = documents.find(ROOT), ledger.load(ROOT)
    assert sorted(tables) == sorted(stated)
    changed = {
        name: differing
        for name, files in stated.items()
        if (differing := Stated(files).differences(ROOT, {}, Despite()))
    }
    assert changed == {}
