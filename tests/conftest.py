"""Fixtures of all tests: the tiny scenario, recorded once per session, and a place to run it in."""

import importlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from flagbench.tokenizer import TokenCounter, o200k_counter

if TYPE_CHECKING:
    from bench import Bench
    from house import House

pytest_plugins = ["pytester"]

# The same examples every time, and no test fails because a machine is slow.
hypothesis.settings.register_profile(
    "flagbench",
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("flagbench")

# A shell that starts the tests in the background has them ignore Ctrl-C, which some of them press,
# and `nohup` has them ignore SIGHUP.
for number, default in (
    (signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL),
):  # fmt: skip
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, default)


def _invalidate_caches(invalidate: Callable[[], None] = importlib.invalidate_caches) -> None:
    """Do so also while a thread that an earlier test has left behind imports something."""
    for _ in range(100):
        try:
            invalidate()
        except RuntimeError:  # the finders changed during iteration
            time.sleep(0.01)
        else:
            return
    invalidate()


importlib.invalidate_caches = _invalidate_caches

# Without the plugins of installed packages, of which each pytest that a test starts would load 300
# modules. pytester takes the variable away, so `bench` says it again.
WITHOUT_PLUGINS = "-p no:hypothesispytest -p no:langsmith_plugin"
os.environ.setdefault("PYTEST_ADDOPTS", WITHOUT_PLUGINS)

EXAMPLES = Path(__file__).parent / "examples"

# What lies there is imported by tests and, as a subject, by its dotted path.
sys.path.insert(0, str(EXAMPLES))


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    """Puts the process's handlers of signals back: a child would inherit that one is ignored."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        if signal.getsignal(number) is not handler:
            signal.signal(number, handler)


@pytest.fixture(scope="session")
def counter() -> TokenCounter:
    """Counts tokens; loading the vocabulary takes a third of a second."""
    return o200k_counter()


@pytest.fixture(scope="session")
def tiny_cassettes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny scenario's cassettes, recorded from the scripted provider."""
    from house import House
    from scripted_provider import scripted_provider

    house = House(tmp_path_factory.mktemp("recorded"))
    shutil.copytree(EXAMPLES / "scenarios", house.path / "scenarios")
    with scripted_provider() as provider:
        house.record(provider.base_url)
    return house.cassettes


@pytest.fixture
def empty_house(tmp_path: Path) -> "House":
    """A house with the tiny scenario and nothing recorded."""
    from house import House

    shutil.copytree(EXAMPLES / "scenarios", tmp_path / "scenarios")
    return House(tmp_path)


@pytest.fixture
def house(empty_house: "House", tiny_cassettes: Path) -> "House":
    """A house with the tiny scenario, recorded."""
    shutil.copytree(tiny_cassettes, empty_house.cassettes)
    return empty_house


@pytest.fixture
def subject_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Writes a module with a subject `run` and gives its dotted path."""
    folder = tmp_path / "subjects"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    written = []

    def write(body: str) -> str:
        name = f"subject_{tmp_path.name}_{len(written)}".replace("-", "_")
        (folder / f"{name}.py").write_text(body)
        written.append(name)
        return f"{name}.run"

    return write


@pytest.fixture(scope="session")
def tiny_baselines(tiny_cassettes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the tiny scenario's baseline: what is measured now, accepted."""
    from house import House

    house = House(tmp_path_factory.mktemp("accepted"))
    shutil.copytree(EXAMPLES / "scenarios", house.path / "scenarios")
    shutil.copytree(tiny_cassettes, house.cassettes)
    house.accept()
    return house.baseline.parent


@pytest.fixture(scope="session")
def tiny_baseline(tiny_baselines: Path) -> str:
    """The text of the tiny scenario's baseline."""
    return (tiny_baselines / "tiny.json").read_text()


@pytest.fixture
def accepted_house(house: "House", tiny_baselines: Path) -> "House":
    """A house with the tiny scenario, recorded, and a baseline that is kept."""
    shutil.copytree(tiny_baselines, house.baseline.parent)
    return house


@pytest.fixture(scope="session")
def late_is_loaded() -> None:
    """Loads what a run imports late: pytester forgets modules that an inner run was first to load,
    so that each run would load them again, and neither rich nor numpy works with a half of its
    modules loaded twice.
    """
    import io

    import pandas  # noqa: F401  pyarrow loads it where there is a table to write
    from matplotlib.figure import Figure
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    import flagbench.plain_console
    import flagbench.pytest_plugin.exit_status
    import flagbench.pytest_plugin.items
    import flagbench.pytest_plugin.shard_items
    import flagbench.pytest_plugin.unfinished
    import flagbench.report.data.parquet_file
    import flagbench.report.html.kept_pictures
    import flagbench.report.html.page
    import flagbench.report.publish
    import flagbench.report.sections.build
    import flagbench.report.terminal  # noqa: F401

    Figure().savefig(io.StringIO(), format="svg")
    table = Table("column")
    table.add_row(Text("cell", style="green"))
    Console(file=io.StringIO(), force_terminal=True).print(table, Text("line"), "plain [b]text[/b]")


@pytest.fixture
def bench(
    pytester: pytest.Pytester,
    late_is_loaded: None,
    house: "House",
    monkeypatch: pytest.MonkeyPatch,
) -> "Bench":
    """The tiny scenario, recorded, without a baseline, to run pytest on."""
    from bench import Bench

    # Its cache is ten files for each test, which take longer to delete than a run takes.
    addopts = f"{WITHOUT_PLUGINS} -p no:cacheprovider"
    ini = (
        f"[pytest]\npythonpath = {EXAMPLES} .\naddopts = {addopts}\n"
        "flagbench_scenarios = scenarios\n"
    )
    (house.path / "pytest.ini").write_text(ini)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.chdir(house.path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(EXAMPLES), str(house.path)]))
    monkeypatch.setenv("COLUMNS", "100")
    return Bench(pytester, house)


@pytest.fixture
def accepted(bench: "Bench", accepted_house: "House") -> "Bench":
    """The same with a baseline that is kept."""
    return bench
