"""A folder laid out as a user's, with the tiny scenario in it."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from flagbench.measurement.trace_rows import Trace
from flagbench.run import recording
from flagbench.run.options import Options
from flagbench.run.recording import Endpoint, RecordedUsage
from flagbench.scenario import loading as scenarios
from flagbench.scenario.loading import Scenario
from flagbench.series.runner import SeriesRunner
from flagbench.verdict import accepted_files, baseline, baseline_trace

EXAMPLES = Path(__file__).parent


@dataclass(frozen=True)
class House:
    """A folder laid out as a user's: scenarios, cassettes, baselines, reports."""

    path: Path

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
    def baseline(self) -> Path:
        """The baseline of the tiny scenario."""
        return baseline.path_of(self.path / "baselines", "tiny")

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

    def runner(self, **overrides: object) -> SeriesRunner:
        """Runs series, with options whose folders are here."""
        return SeriesRunner(self.options(**overrides))

    def accept(self) -> None:
        """Accept what is measured now."""
        scenario, runner = self.scenario, self.runner(accept_baselines=True)
        measured = {one.id: runner.series(scenario, one) for one in scenario.combinations}
        summaries = [series.summary for series in measured.values()]
        declared = [one.id for one in scenario.combinations]
        new = baseline.accept(None, summaries, provider="simulated", declared=declared)
        baseline.save(self.baseline, new)
        cells = {name: series.cells for name, series in measured.items()}
        baseline_trace.save(
            self.baseline.with_name("tiny.steps.json"),
            {name: Trace.joined(one.trace for one in made) for name, made in cells.items()},
        )
        accepted_files.save(
            self.baseline.with_name("tiny.files.xz"),
            {
                key: text
                for made in cells.values()
                for one in made
                for key, text in one.texts.items()
            },
        )

    def commit(self, message: str = "a state") -> None:
        """Commit everything, in a repository that begins with it."""
        identity = ("-c", "user.name=someone", "-c", "user.email=someone@example.org")
        for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", message]):
            subprocess.run(["git", *identity, *words], cwd=self.path, check=True)

    def record(
        self,
        base_url: str,
        *,
        scenario: Scenario | None = None,
        trials: int | None = None,
        secrets: tuple[str, ...] = (),
        api_key: str = "none",
        fresh: bool = False,
    ) -> RecordedUsage:
        """Record into `cassettes`, over HTTP."""
        one = scenario or self.scenario
        added = recording.NO_USAGE
        for trial in range(1, (trials or one.trials) + 1):
            added += recording.record_trial(
                one, trial, Endpoint(base_url, api_key, secrets),
                cassettes=self.cassettes, fresh=fresh, on_cell=lambda: None,
            )  # fmt: skip
        return added
