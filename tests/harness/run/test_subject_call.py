"""Calls of subjects: by the names of their parameters, async or sync, in every form of result."""

import os
from collections.abc import Callable
from dataclasses import replace

import pytest
from house import House
from replay import HEAD, SYNC_HEAD, Replay

from flagbench.measurement.cell_result import from_row
from flagbench.measurement.summary import Summary, summarise
from flagbench.subject import Metric
from flagbench.verdict.verdict import judge

WRITES = """
(workdir / "src").mkdir()
(workdir / "src" / "b.py").write_text("b = 2")
(workdir / "a.md").write_text("text")
"""


@pytest.mark.parametrize("head", [HEAD, SYNC_HEAD], ids=["async", "sync"])
@pytest.mark.parametrize(
    ("returned", "paths"),
    [
        ("None", ["a.md", "src/b.py"]),
        ("['src/b.py']", ["src/b.py"]),
        ("(workdir / 'a.md', 'src/b.py')", ["a.md", "src/b.py"]),
        ("{'x.py': 'x = 1'}", ["x.py"]),
        ("{'artifacts': ['a.md']}", ["a.md"]),
        ("{'artifacts': {'x.py': 'x'}, 'rates': {'odd_rate': (1, 2)}}", ["x.py"]),
        ("{}", []),
        ("[]", []),
    ],
)
def test_every_form_of_result_gives_artifacts(
    replay: Replay, head: str, returned: str, paths: list[str]
) -> None:
    """A file without a review counts neither as approved nor as rejected."""
    row = replay(f"{WRITES}return {returned}", head).measurement
    assert [artifact.path for artifact in row.artifacts] == paths
    assert {artifact.approved for artifact in row.artifacts} <= {None}
    assert row.rates["approval_rate"] == (0, 0)
    assert row.rates.get("odd_rate") == ((1, 2) if "odd" in returned else None)


@pytest.mark.parametrize(
    ("returned", "told"),
    [
        ("3", "the subject returned 3\n    expected: an outcome, a list of paths"),
        ("'text'", "the subject returned 'text'"),
        ("['missing.py']", "the subject returned missing.py, which cannot be read: No such file"),
        ("['src']", "the subject returned src, which cannot be read"),
        ("['../x']", "the subject returned the path ../x, which is outside workdir"),
        ("['/etc/hosts']", "the subject returned the path /etc/hosts, which is outside workdir"),
        ("['a\\0.py']", r"the subject returned a\x00.py, which cannot be read: "),
        (
            "[__import__('os').mkfifo(workdir / 'p') or 'p']",
            "the subject returned p, which is a pipe",
        ),
        ("__import__('os').mkfifo(workdir / 'p')", "the subject returned p, which is a pipe"),
        ("(workdir / 'l').symlink_to('/etc/hosts')", "the path l, which is outside workdir"),
        ("(path for path in [])", "the subject returned a generator\n    expected: an outcome"),
        ("lambda: 1", "the subject returned a function\n    expected: an outcome"),
        ("[3]", "the subject returned a list with 3"),
        ("{'x.py': 3}", "the subject returned 3 for 'x.py'"),
        ("{'artifacts': 3}", "artifacts of the subject is 3"),
        ("{'rates': 3}", "rates of the subject is 3"),
        ("{'rates': {'odd_rate': 3}}", "the subject's odd_rate is 3"),
        ("{'metrics': {'lint': 3}}", "the subject's lint is 3\n    expected: (finite number, unit"),
        ("{'metrics': {'lint': (3, 'errors', 'up')}}", "the subject's lint is (3, 'errors', 'up')"),
        ("{'metrics': {'lint': (float('nan'), '', 'lower')}}", "the subject's lint is (nan"),
        ("{'metrics': {'tokens': (3, '', 'lower')}}", "called tokens, which is measured"),
        ("{'metrics': {'odd_rate': (3, '', 'lower')}}", "a metric called 'odd_rate'"),
    ],
)
def test_another_form_is_an_error_that_names_it(
    stopped: Callable[..., str], returned: str, told: str
) -> None:
    """What was returned, and what is expected."""
    assert told in stopped(f"{WRITES}return {returned}")


def test_files_of_tools_are_not_artifacts(replay: Replay) -> None:
    """Compiled modules differ between runs."""
    row = replay("""
for folder in ("__pycache__", ".git", "src"):
    (workdir / folder).mkdir()
    (workdir / folder / "x").write_bytes(b"\\xff")
""").measurement
    assert [artifact.path for artifact in row.artifacts] == ["src/x"]


@pytest.mark.parametrize(
    "parameters",
    [
        "workdir",
        "client, requests, workdir",
        "*, workdir, mine=3",
        "workdir, /, requests",
        "workdir, **more",
        "*rest, flags, base_url, workdir",
    ],
)
@pytest.mark.parametrize("kind", ["def", "async def"])
def test_a_subject_takes_what_it_names(replay: Replay, kind: str, parameters: str) -> None:
    """In any order, by place or by name, as much as it wants."""
    head = f"{kind} run({parameters}):\n"
    row = replay("(workdir / 'a').write_text(','.join(sorted(locals())))", head).measurement
    assert len(row.artifacts) == 1


def test_a_sync_subject_sleeps_on_the_virtual_clock(replay: Replay) -> None:
    """To the microsecond, in its own thread and in those of its pool."""
    row = replay("""
import time
from concurrent.futures import ThreadPoolExecutor
time.sleep(1.25)
with ThreadPoolExecutor(2) as pool:
    list(pool.map(time.sleep, (2, 3)))
""", SYNC_HEAD).measurement  # fmt: skip
    assert row.seconds == 4.25


def test_flags_are_environment_variables_in_the_cell_only(replay: Replay) -> None:
    """Under the names of the factors."""
    row = replay("""
import os
(workdir / "a").write_text("x")
assert os.environ["TINY_SHORT"] == flags["TINY_SHORT"] == "false"
""", SYNC_HEAD).measurement  # fmt: skip
    assert len(row.artifacts) == 1
    assert "TINY_SHORT" not in os.environ


def test_an_exception_of_a_sync_subject_is_told_with_its_line(stopped: Callable[..., str]) -> None:
    """As that of an async one is."""
    told = stopped("raise KeyError('mine')", SYNC_HEAD)
    assert "the subject raised KeyError: 'mine'\n    expected: a subject that returns" in told
    assert f"{HEAD.count(chr(10)) + 1}: the subject" in told


@pytest.mark.parametrize("named", ["", "workdir / 'a.md'"], ids=["no file", "a file"])
def test_own_metrics_reach_the_cell_and_its_summary(replay: Replay, named: str) -> None:
    """With unit and direction in the cell, as their mean in the summary."""
    cell = replay(f"""
(workdir / "a.md").write_text(str(workdir))
metrics = {{"lint_errors": (3, "errors", "lower")}}
return {{"artifacts": [{named}], "metrics": metrics}}
""").measurement
    assert cell.metrics == {"lint_errors": (3, "errors", "lower")}
    other = replace(cell, metrics={"lint_errors": Metric(4, "errors", "lower")})
    assert summarise([cell, other], [cell]).metrics["lint_errors"] == 3.5
    silent = replace(cell, metrics={})
    assert "lint_errors" not in summarise([cell, silent], [cell]).metrics
    assert from_row(cell.row()) == cell


def test_a_target_may_name_an_own_metric(house: House) -> None:
    """Without the metric the target is broken, and never quietly held."""
    house.edit('approval_rate: ">= 85 %"', 'lint_errors: "<= 3"')
    targets = [
        target for bounds in house.scenario.targets.values() for target in bounds
        if target.metric == "lint_errors"
    ]  # fmt: skip
    measured = Summary("tiny", "all", 2, 3, {"lint_errors": 3.0})
    assert judge(measured, targets, None).outcome == "KEPT"
    assert judge(replace(measured, metrics={"lint_errors": 4.0}), targets, None).broken
    assert judge(replace(measured, metrics={}), targets, None).broken
