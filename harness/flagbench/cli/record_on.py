"""`flagbench record --on`: the recorder of trials on a cluster, connected and checked."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console

from flagbench.cli import ini_lines, project_root
from flagbench.cluster.address import address_of
from flagbench.errors import InputError, Problem
from flagbench.run.options import Options
from flagbench.run.pace import Pace
from flagbench.run.recording import Endpoint
from flagbench.run.trial_recorders import TrialRecorder
from flagbench.scenario.loading import Scenario


@contextmanager
def recorder(
    on: str,
    chosen: Sequence[Scenario],
    most: int | None,
    endpoint: Endpoint | None,
    options: Options,
    pace: Pace | None,
    console: Console,
    *,
    fresh: bool,
) -> Iterator[TrialRecorder]:
    """Connect to a cluster, whose workers get the project and use keys of their own.

    Raises `InputError` for workers that differ, that lack the key, and for scenarios that are not
    in the project; `CouldNotRun` where no scheduler answers.
    """
    from flagbench.cluster import engine, project_tar  # noqa: PLC0415  an extra's
    from flagbench.cluster.recorder import OnWorkers, Sent  # noqa: PLC0415

    root, address = Path.cwd().resolve(), address_of(on)
    project_root.check(root)
    scenarios = {
        scenario.path: Path(project_root.inside(root, str(scenario.path), "scenarios"))
        for scenario in chosen
    }
    folders = [root / path.parent for path in scenarios.values()]
    outputs = [folder.resolve() for folder in (options.reports, options.cassettes)]
    packed = project_tar.pack(root, folders, [each for each in outputs if root in each.parents])
    path = [
        project_root.inside(root, str(folder), ini_lines.PATH)
        for folder in ini_lines.python_folders(root)
        if folder.resolve().is_relative_to(root)  # what is elsewhere is installed on a worker
    ]
    base_url = endpoint.base_url if endpoint else ""
    parts = urlsplit(base_url)
    if address and (parts.username or parts.password or parts.query):
        what = "an address with a password or a query, which would be sent without encryption"
        expected = "http(s)://HOST/…, and the key in a variable of each worker"
        raise InputError(Problem(what, "--base-url with --on", expected))
    with engine.connected(address) as cluster:
        console.print(f"dashboard: {cluster.dashboard}")
        if base_url:
            cluster.check_keys(base_url)
        sent = Sent(packed, path, scenarios)
        yield OnWorkers(cluster, sent, options, base_url, most or math.inf, fresh, pace)
