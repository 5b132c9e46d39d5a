"""Running of cases, each in a patched copy and a process; results are kept by content."""

import json
import tempfile
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from flagbench.acceptance.proof_cache import PROOFS_FOLDER
from flagbench.atomic_file import write_whole
from flagbench.run.options import Options
from flagbench.scenario.loading import Scenario
from flagbench.self_test import content_key, judging, patched_copy, sources
from flagbench.self_test.catalogue import Case, Catalogue, Expect
from flagbench.self_test.judging import Result
from flagbench.self_test.observation import Observation, find
from flagbench.self_test.processes import Processes
from flagbench.self_test.series_process import Job, Project

# Below the folder of proofs: results by the content that they depend on.
KEPT = Path(PROOFS_FOLDER, "self-test")


class CaseRunner:
    """Runner of the cases of a catalogue on the project in a folder."""

    def __init__(self, folder: Path, project: Project, catalogue: Catalogue) -> None:
        self._folder = folder
        self._project = project
        self._catalogue = catalogue
        self._processes = Processes()
        self._texts = sources.contents(folder, catalogue.sources)
        options = Options(
            folder / project.cassettes, folder / project.baselines, folder / "reports"
        )
        series = {name for case in catalogue.cases for name in case.run} | {*catalogue.unchanged}
        self._scenarios: dict[str, Scenario] = {
            name: find(name, options)[0] for name in sorted(series)
        }

    def run(self, cases: Sequence[Case], workers: int) -> Generator[Result]:
        """Run cases, several at the same time; a result is yielded and kept as it is there."""
        with ThreadPoolExecutor(workers) as pool:
            futures = [pool.submit(self._result, case) for case in cases]
            try:
                for future in as_completed(futures):
                    yield future.result()
            finally:
                self._processes.stop()
                pool.shutdown(cancel_futures=True)

    def _result(self, case: Case) -> Result:
        texts = patched_copy.patched_texts(self._texts, case.patches)
        path = self._kept(case, texts)
        if path.exists():
            rows = json.loads(path.read_text("utf-8"))
            return judging.judge(case, [Observation.model_validate(row) for row in rows])
        result = judging.judge(case, self._observe(case, texts))
        if judging.is_keepable(result):
            rows = [seen.model_dump(mode="json") for seen in result.observations]
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, json.dumps(rows))
        return result

    def _observe(self, case: Case, texts: Mapping[str, bytes]) -> Sequence[Observation]:
        with tempfile.TemporaryDirectory(prefix="flagbench-self-test-") as name:
            copy = Path(name, "project")
            patched_copy.make(self._folder, copy, texts)
            job = Job(
                folder=copy, project=self._project, reports=Path(name, "reports"),
                proofs=self._folder / PROOFS_FOLDER, results=Path(name, "results.jsonl"),
                series=case.run, originals=tuple(self._folder / text for text in texts),
            )  # fmt: skip
            path = patched_copy.import_path(copy, self._catalogue.sources)
            return self._processes.run(job, list(path))

    @property
    def key_of_unchanged(self) -> str:
        """The key of runs of the unchanged code."""
        return self._key(self._catalogue.unchanged, self._texts)

    def _kept(self, case: Case, texts: Mapping[str, bytes]) -> Path:
        return self._folder / KEPT / f"{self._key(case.run, texts)}.json"

    def _key(self, series: Sequence[str], texts: Mapping[str, bytes]) -> str:
        files = [
            path
            for name in series
            for path in content_key.files_of(
                self._scenarios[name], self._folder / self._project.cassettes,
                self._folder / self._project.baselines,
            )
        ]  # fmt: skip
        return content_key.key(texts, series, files, self._folder, self._project)


def controls(cases: Sequence[Case]) -> list[Case]:
    """A case without a change for each series of the cases: nothing may be said of it."""
    series = dict.fromkeys(name for case in cases for name in case.run)
    return [
        Case.model_construct(
            name=f"no change: {name}", about="no change", file="", old="", new="", run=(name,),
            expect=Expect.HARMLESS, because="", why="", unnamed="", also=(),
        )
        for name in series
    ]  # fmt: skip
