"""The table of series that every readable report shows: rows, columns and labels."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flagbench.acceptance.artifact_proofs import MADE_CHECK
from flagbench.measurement.cell_result import RefutedArtifact
from flagbench.report.series_report import RunReport, SeriesReport
from flagbench.report.text import match_remark, provisional_text
from flagbench.report.text.token_remark import remark
from flagbench.run.time_labels import EXACT
from flagbench.series import refuted_files
from flagbench.shell_command import shell_command
from flagbench.simulator.settings import SIMULATED

COLUMNS = (
    "series", "tokens", "Δ", "seconds", "Δ", "US$", "approved", "accepted", "baseline", "verdict",
)  # fmt: skip
LEGEND = (
    "Mean per trial of the whole session; Δ against `none` of the same recordings; "
    "approved: by the generator's own review; accepted: proven by running it; "
    "baseline: change of tokens against the accepted value; time: exact unless said otherwise."
)

# Longer designs are reduced to single flags and landmarks; the files have every series.
_SHOWN_WHOLE = 16

# The number of refutations shown per scenario.
_SHOWN_REASONS = 5

RATE_LABELS = {
    "cache_hit_rate": "Cache hit rate",
    "template_usage_rate": "Template usage",
    "confident_validation_rate": "Confident validation",
    "acceptance_rate": "Acceptance",
    "false_approval_rate": "False approvals",
    "test_pass_rate": "Generated tests passed",
    "mutant_rate": "Broken routes noticed",
}


_PROOFS = ("acceptance_rate", "false_approval_rate", "test_pass_rate", "mutant_rate")


def rows(members: Sequence[SeriesReport], *, whole: bool) -> tuple[list[SeriesReport], int]:
    """The series to show, and the number of those left out, which are all KEPT."""
    if whole or len(members) <= _SHOWN_WHOLE:
        return list(members), 0
    shown = [
        member for member in members if member.outcome != "KEPT" or _is_landmark(member.combination)
    ]
    return shown, len(members) - len(shown)


def _is_landmark(combination: str) -> bool:
    return "+" not in combination


def cells(series: SeriesReport) -> tuple[str, ...]:
    """A row's texts, in the order of `COLUMNS`."""
    metrics = series.metrics
    is_control = series.combination == "none"
    return (
        series.combination,
        number(metrics.get("tokens"), ",.0f"),
        "control" if is_control else change(metrics.get("token_reduction")),
        number(metrics.get("seconds"), ",.1f"),
        "control" if is_control else change(metrics.get("time_reduction")),
        number(metrics.get("usd"), ".4f"),
        number(metrics.get("approval_rate"), ".0%"),
        number(metrics.get("acceptance_rate"), ".0%"),
        _against_baseline(series),
        verdict(series),
    )


def verdict(series: SeriesReport) -> str:
    """The outcome, with a remark on tokens that were not counted or that the provider denies."""
    told = remark(series.cells)
    return f"{series.outcome} ({told})" if told else series.outcome


def headline(series: SeriesReport) -> list[str]:
    """The summary of a series: time and tokens per request, and the subject's rates."""
    metrics = series.metrics
    tokens, seconds = metrics["tokens"] / series.requests, "unknown"
    if "seconds" in metrics:
        seconds = f"{metrics['seconds'] / series.requests:.1f}s"
    lines = [
        f"Time: {seconds} ({_arrow(metrics.get('time_reduction'))} vs control)",
        f"Tokens: {tokens:.0f} ({_arrow(metrics.get('token_reduction'))} vs control)",
    ]
    return lines + [
        f"{label}: {number(metrics.get(name), '.1%' if name in _PROOFS else '.0%')}"
        for name, label in RATE_LABELS.items()
        if name in metrics
    ]


def warnings(members: Sequence[SeriesReport]) -> list[str]:
    """The subject's warnings with the number of series, and differences from what was accepted.

    The usage that the provider reports may differ from the counted one, too.
    """
    counts = Counter(
        text
        for member in members
        for text in {text for cell in member.cells for text in cell.warnings}
    )
    return [
        *(f"{text} ({count} of {len(members)} series)" for text, count in sorted(counts.items())),
        *_usage_difference(members),
        *match_remark.unused_rules([cell for member in members for cell in member.cells]),
        *stale(members),
        *drifted(members),
        *reruns(members),
    ]


def reruns(members: Sequence[SeriesReport]) -> list[str]:
    """A line for each series that was run more than once."""
    return [
        f"{member.combination} was run {member.attempts} times, and the last attempt counts"
        for member in members
        if member.attempts > 1
    ]


def special_tokens(members: Sequence[SeriesReport]) -> list[str]:
    """Cached and reasoning tokens of the series, where a provider reports any of them."""
    lines = []
    for metric in ("cached_prompt_tokens", "reasoning_tokens"):
        if any(metric in member.metrics for member in members):
            figures = (
                f"{member.combination} {number(member.metrics.get(metric), ',.0f')}"
                for member in rows(members, whole=False)[0]
            )
            lines.append(f"{metric.replace('_', ' ')}: {', '.join(figures)}")
    return lines


def refutations(members: Sequence[SeriesReport]) -> list[str]:
    """The checks that generated files failed, most frequent first, each with an example."""
    groups: dict[tuple[str, str], list[RefutedArtifact]] = {}
    for member in members:
        for cell in member.cells:
            for artifact in cell.refuted:
                groups.setdefault((artifact.file, artifact.check), []).append(artifact)
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    lines = []
    for (path, check), group in ordered[:_SHOWN_REASONS]:
        approved = sum(artifact.approved for artifact in group)
        first = min(group, key=lambda artifact: (artifact.message, artifact.sha256))
        example = f" ({refuted_files.path_of(path, first.sha256)})" if check != MADE_CHECK else ""
        lines.append(
            f"{path} failed {check} {len(group)} times, approved {approved} times; "
            f"for example: {first.message}{example}"
        )
    left = sum(len(group) for _, group in ordered[_SHOWN_REASONS:])
    return [*lines, f"{left} more refuted files are in cells.jsonl"] if left else lines


def proving(report: RunReport) -> list[str]:
    """The number of proofs, their cost, and the sandbox they ran in."""
    made, kept, seconds = (
        sum(series.proving.get(name, 0) for series in report.series)
        for name in ("made", "kept", "seconds")
    )
    if not made + kept:
        return []
    walls = sorted({series.walls for series in report.series if series.walls})
    behind = f", behind {' and '.join(walls)}" if walls else ""
    missing = sorted({wall for series in report.series for wall in series.walls_missing})
    return [
        f"{made:,.0f} files were proven by running them{behind}; {kept:,.0f} proofs were cached "
        f"({seconds:,.0f} s of waiting)",
        *([f"warning: the sandbox lacks {', '.join(missing)}"] if missing else []),
    ]


def unseen(report: RunReport) -> list[str]:
    """The reason why no cell can be known; in no file, whose bytes are those of any run."""
    paths = sorted({path for series in report.series for path in series.unseen})
    more = f" and {len(paths) - 1} more files" if len(paths) > 1 else ""
    return [f"no cell is known: what {paths[0]}{more} read is not seen"] if paths else []


def known_cells(report: RunReport) -> list[str]:
    """The number of cells that were not replayed."""
    known = sum(series.known_cells for series in report.series)
    cells = sum(len(series.cells) for series in report.series)
    if not known:
        return []
    return [
        f"{known:,} of {cells:,} cells were known: their inputs are as they were in an earlier run "
        "(--fresh replays all)"
    ]


def stale(members: Sequence[SeriesReport]) -> list[str]:
    """Series of a scenario that did not leave their baseline and do other things than accepted."""
    groups: dict[Sequence[str], list[SeriesReport]] = {}
    for member in members:
        if member.stale:
            groups.setdefault(tuple(member.stale), []).append(member)
    lines = []
    for causes, group in groups.items():
        accept = shell_command("flagbench", "run", Path(group[0].path), "--accept-baselines")
        more = f" (and {len(causes) - 1} more)" if len(causes) > 1 else ""
        lines.append(
            f"{join_names([member.combination for member in group])}: within the baseline, but "
            f"{causes[0]}{more}; {accept}"
        )
    left = len(lines) - _SHOWN_REASONS
    return [*lines[:_SHOWN_REASONS], *([f"{left} more series like these"] if left > 0 else [])]


def drifted(members: Sequence[SeriesReport]) -> list[str]:
    """A line for each series in which accepted steps add up: its largest drift."""
    lines = [
        f"{member.combination} drifted: {member.drift[0]}"
        + (f" (and {len(member.drift) - 1} more metrics)" if len(member.drift) > 1 else "")
        for member in members
        if member.drift
    ]
    left = len(lines) - _SHOWN_REASONS
    return [*lines[:_SHOWN_REASONS], *([f"{left} more series drifted"] if left > 0 else [])]


def _usage_difference(members: Sequence[SeriesReport]) -> list[str]:
    """The differences between the usage that the provider reports and the counted tokens."""
    cells = [cell for member in members for cell in member.cells]
    more = {
        kind: sum(cell.usage_difference[kind] for cell in cells)
        for kind in ("prompt_tokens", "completion_tokens")
    }
    counted = {kind: sum(cell.usage_compared[kind] for cell in cells) for kind in more}
    return [
        f"the provider reports {more[kind]:+,} {kind.replace('_', ' ')} "
        f"relative to the {counted[kind]:,} counted"
        for kind in more
        if more[kind]
    ]


@dataclass(frozen=True, slots=True)
class NotKept:
    """Series that were not KEPT, for the same reasons.

    `causes` explain the first of them: the change in words, and the diff of a prompt or "".
    """

    outcome: str
    series: str
    reasons: Sequence[str]
    causes: Sequence[tuple[str, str]]


def group_not_kept(report: RunReport) -> list[NotKept]:
    """Group the series that were not KEPT by their reasons."""
    groups: dict[tuple[str, str, tuple[str, ...]], list[SeriesReport]] = {}
    for series in report.series:
        if series.outcome != "KEPT":
            reasons = (series.reason,) if series.reason else tuple(series.broken)
            reasons = tuple(provisional_text.lines(series)) or reasons
            groups.setdefault((series.outcome, series.path, reasons), []).append(series)
    return [
        NotKept(
            outcome,
            f"{path}::{join_names([series.combination for series in group])}",
            reasons,
            group[0].causes,
        )
        for (outcome, path, reasons), group in groups.items()
    ]


def provider_of(series: SeriesReport) -> str:
    """The provider in words that cannot be mistaken for a vendor's model, and an inexact time."""
    labels = sorted({cell.time for cell in series.cells} - {EXACT})
    time = f", time: {', '.join(labels)}" if labels else ""
    if series.provider == SIMULATED:
        return f"simulated provider (standing in for {series.model}){time}"
    return f"provider {series.provider}, model {series.model}{time}"


def join_names(names: Sequence[str]) -> str:
    """The first of several names, and the number of the others."""
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def number(value: float | None, form: str) -> str:
    """A formatted value, or `n/a`."""
    return "n/a" if value is None else format(value, form)


def change(reduction: float | None) -> str:
    """A reduction, shown as the change of the reduced amount."""
    return "n/a" if reduction is None else f"{0 - reduction:+.1%}"


def _arrow(reduction: float | None) -> str:
    if reduction is None:
        return "n/a"
    return f"{'↓' if reduction >= 0 else '↑'}{abs(reduction):.1%}"


def _against_baseline(series: SeriesReport) -> str:
    accepted, measured = series.accepted.get("tokens"), series.metrics.get("tokens")
    if accepted is None or measured is None:
        return "none"
    return f"{measured / accepted - 1:+.1%}" if accepted else f"{measured:+.0f}"
