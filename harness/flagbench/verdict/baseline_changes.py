"""Changes of a baseline by accepting a new one, in lines."""

from flagbench.verdict.baseline import Baseline, Expected


def changes(old: Baseline | None, new: Baseline) -> list[str]:
    """Describe each change by accepting a new baseline in a line."""
    if old is None:
        return [f"{len(new.series)} series accepted for the first time"]
    before = old.series
    lines = [f"{name}: no longer a series" for name in before if name not in new.series]
    for name, metrics in new.series.items():
        if name not in before:
            lines.append(f"{name}: new")
            continue
        for metric in sorted(before[name].keys() | metrics.keys()):
            was, now = before[name].get(metric), metrics.get(metric)
            if (was and was.as_first()) != (now and now.as_first()):
                lines.append(f"{name}: {metric} {_value(was)} -> {_value(now)}")
    return lines


def _value(expected: Expected | None) -> str:
    return "none" if expected is None else f"{expected.value:g}"
