"""Remarks on the series of a scenario, a line each, for below their table."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from flagbench.acceptance.artifact_proof import MADE_CHECK
from flagbench.measurement.cell_result import RefutedArtifact
from flagbench.report.series_report import SeriesReport
from flagbench.report.text import match_remark
from flagbench.report.text.table import join_names, rows
from flagbench.series import recorded_cost, refuted_files
from flagbench.shell_command import shell_command
from flagbench.shown_numbers import number

# The number of refutations shown per scenario.
_SHOWN_REASONS = 5


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
        *uncalled(members),
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


def uncalled(members: Sequence[SeriesReport]) -> list[str]:
    """A line for a scenario that calls nothing, until this is accepted in a baseline."""
    cells = [cell for member in members for cell in member.cells]
    calls = any(cell.calls or cell.service_calls for cell in cells)
    is_accepted = any(member.accepted for member in members)
    return [] if calls or is_accepted or not cells else [recorded_cost.NO_CALLS]


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
