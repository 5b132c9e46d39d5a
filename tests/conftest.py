"""Fixtures of all tests: the tiny scenario, recorded once per session, and a place to run it in."""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness import record
from harness import scenario as scenarios
from harness.options import Options
from harness.record import Endpoint, Recorded
from harness.scenario import Scenario
from harness.tokens import TokenCounter, o200k_base

pytest_plugins = ["pytester"]

EXAMPLES = Path(__file__).parent / "examples"


def pytest_configure() -> None:
    """Make `tiny` and `scripted_provider` importable, by tests and as subjects."""
    sys.path.insert(0, str(EXAMPLES))


@dataclass(frozen=True)
class House:
    """A folder laid out as a user's: scenarios, cassettes, baselines, reports."""

    path: Path
    counter: TokenCounter

    @property
    def scenario_file(self) -> Path:
        """The tiny scenario."""
        return self.path / "scenarios" / "tiny.yaml"

    @property
    def cassettes(self) -> Path:
        """The folder of recordings."""
        return self.path / "cassettes"

    def cassette(self, trial: int = 1) -> Path:
        """The cassette of a trial of the tiny scenario."""
        return self.cassettes / "simulated" / "tiny" / f"{trial}.yaml"

    @property
    def scenario(self) -> Scenario:
        """The tiny scenario, read anew."""
        return scenarios.load(self.scenario_file)

    def edit(self, old: str, new: str) -> None:
        """Change the scenario file."""
        text = self.scenario_file.read_text()
        assert old in text
        self.scenario_file.write_text(text.replace(old, new))

    def write(self, text: str, name: str = "tiny.yaml") -> Path:
        """Write a scenario file."""
        path = self.path / "scenarios" / name
        path.write_text(text)
        return path

    def options(self, **overrides: object) -> Options:
        """Options whose folders are here."""
        folders = {name: self.path / name for name in ("cassettes", "baselines", "reports")}
        return Options(**{**folders, **overrides})

    def record(
        self,
        base_url: str,
        *,
        scenario: Scenario | None = None,
        trials: int | None = None,
        secrets: tuple[str, ...] = (),
        api_key: str = "none",
        fresh: bool = False,
    ) -> Recorded:
        """Record into `cassettes`, over HTTP."""
        one = scenario or self.scenario
        added = record.NOTHING
        for trial in range(1, (trials or one.trials) + 1):
            added += record.record_trial(
                one, trial, Endpoint(base_url, api_key, secrets), self.counter,
                cassettes=self.cassettes, fresh=fresh, on_cell=lambda: None,
            )  # fmt: skip
        return added


@pytest.fixture(scope="session")
def counter() -> TokenCounter:
    """Counts tokens; loading the vocabulary takes a third of a second."""
    return TokenCounter(o200k_base())


@pytest.fixture(scope="session")
def tiny_cassettes(tmp_path_factory: pytest.TempPathFactory, counter: TokenCounter) -> Path:
    """The tiny scenario's cassettes, recorded from the scripted provider."""
    from scripted_provider import scripted_provider

    house = House(tmp_path_factory.mktemp("recorded"), counter)
    shutil.copytree(EXAMPLES / "scenarios", house.path / "scenarios")
    with scripted_provider() as provider:
        house.record(provider.base_url)
    return house.cassettes


@pytest.fixture
def empty_house(tmp_path: Path, counter: TokenCounter) -> House:
    """A house with the tiny scenario and nothing recorded."""
    shutil.copytree(EXAMPLES / "scenarios", tmp_path / "scenarios")
    return House(tmp_path, counter)


@pytest.fixture
def house(empty_house: House, tiny_cassettes: Path) -> House:
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
