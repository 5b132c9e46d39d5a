"""Measures of served answers, each a number in the unit of its figure; shares are percentages."""

import ast
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from itertools import combinations
from statistics import mean, median

from flagbench.simulator.calibration.questions import Orders
from flagbench.simulator.calibration.samples import Samples
from flagbench.simulator.crud.defects import DEFECTS, View
from flagbench.simulator.crud.specification import table_of
from flagbench.simulator.latency import answer_seconds, ratio

_COLUMNS = 79
_CALLS = 20_000


def share(values: Iterable[bool]) -> float:
    """Percentage of the values that are true."""
    return 100.0 * mean(map(float, values))


def with_defect(views: Sequence[View], name: str) -> float:
    """Percentage of files in which a defect is seen; files that do not parse are left out."""
    defect = next(defect for defect in DEFECTS if defect.name == name)
    return share(bool(defect.find(view)) for view in views if view.tree is not None)


def unparsed(views: Sequence[View]) -> float:
    """Percentage of files that do not parse."""
    return share(view.tree is None for view in views)


def unchecked(views: Sequence[View]) -> float:
    """Percentage of the modules with a relation that never look the other row up."""
    related = [view for view in views if view.shape.references or view.shape.links]
    targets = [(view.shape.references or view.shape.links)[0].target for view in related]
    pairs = zip(related, targets, strict=True)
    return share(f"FROM {table_of(target)} " not in view.code for view, target in pairs)


def without_level(views: Sequence[View]) -> float:
    """Percentage of modules in which `level` is gone."""
    return share(not re.search(r"\blevel\b", view.code) for view in views)


def made_single(samples: Samples, orders: Orders) -> float:
    """Percentage of readings of a plural request that have one id."""
    readings = [json.loads(text)["relations"][0]["kind"] for text in samples.recognised(orders)]
    return share(kind == "many_to_one" for kind in readings)


def _tight(view: View) -> int:
    lines = view.lines
    return sum(
        bool(re.match(r"def |class |@", line))
        and not lines[number - 1].startswith(("@", ")"))
        and not (lines[number - 1] == lines[number - 2] == "")
        for number, line in enumerate(lines)
    )


def _long(view: View) -> int:
    return sum(len(line) > _COLUMNS for line in view.lines)


def _unused(view: View) -> int:
    names = [
        (alias.asname or alias.name).split(".")[0]
        for node in (view.tree.body if view.tree else ())
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    ]
    used = {n.id for n in ast.walk(view.tree) if isinstance(n, ast.Name)} if view.tree else set()
    return sum(name not in used for name in names)


_LINT = {"E302": _tight, "E501": _long, "F401": _unused}


def per_1000_lines(views: Sequence[View], code: str) -> float:
    """Violations per 1,000 lines."""
    lines = sum(len(view.lines) for view in views)
    return 1000.0 * sum(map(_LINT[code], views)) / lines


def dirty(views: Sequence[View]) -> float:
    """Percentage of files with each of the three violations."""
    return share(all(count(view) for count in _LINT.values()) for view in views)


def documented(views: Sequence[View]) -> float:
    """Percentage of files in which every function has a docstring."""
    return share(all(map(ast.get_docstring, view.functions())) for view in views)


def logging(views: Sequence[View]) -> float:
    """Percentage of files that log."""
    return share("logger." in view.code for view in views)


def injected(views: Sequence[View]) -> float:
    """Percentage of files that get the connection by Depends."""
    return share("Depends(" in view.code for view in views)


def lines(views: Sequence[View]) -> float:
    """Median lines of a file."""
    return median(len(view.lines) for view in views)


def tokens(samples: Samples) -> float:
    """Mean tokens of a routes module."""
    return mean(samples.count_tokens(view.code) for view in samples.shipped)


def fenced(texts: Sequence[str]) -> float:
    """Percentage of answers with a Markdown fence."""
    return share("```" in text for text in texts)


def prose(texts: Sequence[str], *, before: bool) -> float:
    """Percentage of fenced answers with prose before, or after, the fence."""
    inside = [text for text in texts if "```" in text]
    return share(not (x.startswith("```") if before else x.endswith("```")) for x in inside)


def unended(texts: Sequence[str]) -> float:
    """Percentage of answers without a final newline."""
    return share(not text.endswith("\n") for text in texts)


def distinct(samples: Samples) -> float:
    """Mean number of distinct answers among 100 to the same request."""
    return mean(len({view.code for view in views}) for views in samples.by_request)


def commonest(samples: Samples) -> float:
    """Mean number of times that the commonest of 100 answers comes."""
    counts = (Counter(view.code for view in views) for views in samples.by_request)
    return mean(counter.most_common(1)[0][1] for counter in counts)


def similarity(samples: Samples) -> float:
    """Median similarity of words between distinct answers to the same request."""
    ratios = []
    for views in samples.by_request:
        texts = sorted({view.code for view in views})[:6]
        pairs = combinations([text.split() for text in texts], 2)
        ratios += [SequenceMatcher(None, a, b, autojunk=False).ratio() for a, b in pairs]
    return median(ratios)


def seconds_of_500_tokens(samples: Samples) -> float:
    """Median seconds of an answer of 500 tokens."""
    return median(answer_seconds(500, draws) for draws in samples.draws(2001))


def slower_than(samples: Samples, times: float) -> float:
    """Percentage of calls over so many times the line."""
    return share(ratio(draws) > times for draws in samples.draws(_CALLS))
