"""Accepted traces and files, read once per scenario, and their comparison with a measurement."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

from flagbench.cassette import prompts
from flagbench.cassette.cassette import Cassette
from flagbench.errors import InputError
from flagbench.measurement import split as splits
from flagbench.measurement.split import Split
from flagbench.measurement.trace_rows import Trace
from flagbench.verdict import accepted_files, baseline_trace
from flagbench.verdict.baseline_trace import OtherVersion
from flagbench.verdict.explanation import Cause, Sources, explain


class AcceptedTraces:
    """The accepted traces and files of the baselines in a folder.

    Of a damaged file there is nothing if the run replaces it.
    """

    def __init__(self, baselines: Path, *, replaces: bool = False) -> None:
        self._folder = baselines
        self._replaces = replaces
        self._load = cache(baseline_trace.load)
        self._texts = cache(accepted_files.load)

    def of(self, scenario: str, combination: str) -> Trace | None:
        """The accepted trace of a series; None without one, or if another version wrote it.

        Raises `InputError` for an invalid file.
        """
        try:
            return self._load(baseline_trace.path_of(self._folder, scenario)).get(combination)
        except InputError as error:
            if self._replaces or isinstance(error, OtherVersion):
                return None
            raise

    def causes(
        self,
        scenario: str,
        combination: str,
        measured: Trace,
        texts: Mapping[str, str],
        cassette_of: Callable[[int], Cassette],
        sent: Mapping[str, Sequence[str]] | None = None,
    ) -> tuple[Cause, ...]:
        """Explain why a series does not do what was accepted.

        `texts` are the current files by digest; `cassette_of` returns the current cassette of a
        trial; `sent` are prompts that are not recorded, by the digest of their call.
        """
        path = baseline_trace.path_of(self._folder, scenario)
        accepted = self.of(scenario, combination)
        if accepted is None:
            return (Cause(f"not known: {path} has no accepted trace of this series"),)
        unrecorded = sent or {}
        sources = Sources(
            lambda step: prompts.accepted_prompt_of(cassette_of(step.trial), step.digest, path),
            lambda step: (
                unrecorded.get(step.digest)
                or prompts.prompt_of(cassette_of(step.trial), step.digest)
            ),
            lambda digest: self._text(scenario, digest),
            texts.__getitem__,
        )
        return explain(accepted, measured, sources)

    def split(self, scenario: str, combination: str, measured: Trace) -> Split | None:
        """The exact split of the tokens that differ from the accepted trace; None without one."""
        accepted = self.of(scenario, combination)
        if accepted is None:
            return None
        trials = {step.trial for step in measured.steps}
        return splits.of_traces(accepted.steps, measured.steps, len(trials))

    def _text(self, scenario: str, digest: str) -> str:
        path = accepted_files.path_of(self._folder, scenario)
        try:
            texts = self._texts(path)
        except InputError:
            if not self._replaces:
                raise
            texts = {}
        if digest not in texts:
            raise LookupError(f"{path} does not have it")
        return texts[digest]
