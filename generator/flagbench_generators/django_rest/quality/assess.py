"""How good a file seems before anybody runs it: four layers, each with its weight in a score.

The score is a share of 1: syntax 0.3, semantics 0.3, best practice 0.2, security 0.2. What does not
parse scores 0. Semantics and practice are the share of the weights of required rules that are
found; a forbidden pattern that is sure makes its layer 0. So does, in semantics, a name that nobody
defines, one that another file of the project does not have, and what Django's own checks find in
the models. Security is 0 for a finding of high severity, and loses a half for one of medium and a
tenth for a low one.
"""

import ast
import io
import json
import logging
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import version

from pyflakes import checker, messages

from flagbench_generators.django_rest.quality import django_checks
from flagbench_generators.django_rest.quality.across import unknown_names
from flagbench_generators.kernel.disk_memo import memoised
from flagbench_generators.kernel.formatting import parses
from flagbench_generators.kernel.request_spec import RequestSpec
from flagbench_generators.kernel.review import THRESHOLD
from flagbench_generators.kernel.rule import Check, RuleBook, checks_for

WEIGHTS: Mapping[str, float] = {
    "syntax": 0.3,
    "semantics": 0.3,
    "practice": 0.2,
    "security": 0.2,
}
_LOSSES = {"HIGH": 1.0, "MEDIUM": 0.5, "LOW": 0.1}


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer's score, from 0 to 1, and what cost it."""

    name: str
    score: float
    issues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quality:
    """What the layers found in a file."""

    layers: tuple[Layer, ...]

    @property
    def score(self) -> float:
        """The weighted sum, from 0 to 1; 0 for what does not parse."""
        if self.errors:
            return 0.0
        return round(sum(WEIGHTS[one.name] * one.score for one in self.layers), 4)

    @property
    def errors(self) -> tuple[str, ...]:
        """Why the file cannot be run at all."""
        return self.layers[0].issues

    @property
    def issues(self) -> tuple[str, ...]:
        """What to mend, the weightiest layer first."""
        return tuple(issue for one in self.layers for issue in one.issues)

    @property
    def worst(self) -> str:
        """The layer that cost the most of the score, "" where none did."""
        lost = {one.name: WEIGHTS[one.name] * (1 - one.score) for one in self.layers}
        name = max(lost, key=lambda one: lost[one])
        return name if lost[name] else ""


@lru_cache(maxsize=4096)  # pure, and the sessions of a benchmark review the same texts
def assess(
    text: str, book: RuleBook, asked: RequestSpec, *, is_models: bool = False, models: str = ""
) -> Quality:
    """Look at a file through all four layers.

    `models` is the file of models where this one builds on it and is not itself the models.
    """
    fault = parses(text) if text.strip() else "the file is empty"
    if fault is not None:
        missing = [Layer(name, 0.0) for name in WEIGHTS if name != "syntax"]
        return Quality((Layer("syntax", 0.0, (f"does not parse: {fault}",)), *missing))
    checks = checks_for(book, asked)
    sure = [*_undefined_names(text), *unknown_names(text, asked, models)]
    sure += django_checks.faults(text) if is_models else ()
    semantics = _by_rules("semantics", text, checks)
    if sure:
        semantics = Layer("semantics", 0.0, (*sure, *semantics.issues))
    return Quality(
        (Layer("syntax", 1.0), semantics, _by_rules("practice", text, checks), _security(text))
    )


def _by_rules(layer: str, text: str, checks: Sequence[Check]) -> Layer:
    weight, whole, issues, is_sure = 0.0, 0.0, [], False
    for check in checks:
        if check.rule.layer != layer:
            continue
        found = check.pattern.search(text) is not None
        if check.rule.kind == "required":
            whole += check.rule.weight
            weight += check.rule.weight * found
        elif found:
            is_sure = is_sure or check.rule.confidence >= THRESHOLD
        if found is (check.rule.kind == "forbidden"):
            issues.append(check.message)
    score = 0.0 if is_sure else weight / whole if whole else 1.0
    return Layer(layer, score, tuple(dict.fromkeys(issues)))


def _undefined_names(text: str) -> tuple[str, ...]:
    """Names that the file uses and nobody defines: each is a NameError when it runs."""
    try:
        found = checker.Checker(ast.parse(text)).messages
    except RecursionError:  # deeper than pyflakes reads; Python itself may still run it
        return ()
    return tuple(
        f"line {one.lineno}: {one.message % one.message_args}"
        for one in found
        if isinstance(one, (messages.UndefinedName, messages.UndefinedExport))
    )


def _security(text: str) -> Layer:
    found = json.loads(memoised(_bandit_version(), text, _bandit))
    lost = sum(_LOSSES[severity] for severity, _ in found)
    return Layer("security", max(0.0, 1.0 - lost), tuple(told for _, told in found))


@cache  # reading a version takes a millisecond
def _bandit_version() -> str:
    return f"bandit-{version('bandit')}"


def _bandit(text: str) -> str:
    """What bandit finds, as JSON: severity, and where and what."""
    source = text.encode("utf-8", "replace")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its plugins are loaded with an argument of old
        # Nothing that does not assess needs to import it.
        from bandit.core import config, meta_ast, metrics, node_visitor, test_set  # noqa: PLC0415

        # It warns of comments that it cannot read.
        logging.getLogger("bandit").setLevel(logging.ERROR)
        visitor = node_visitor.BanditNodeVisitor(
            "file.py",
            io.BytesIO(source),
            meta_ast.BanditMetaAst(),
            test_set.BanditTestSet(config.BanditConfig(), {}),
            False,
            {},
            metrics.Metrics(),
        )
    visitor.process(source)
    return json.dumps(
        [(one.severity, f"line {one.lineno}: {one.text}") for one in visitor.tester.results]
    )
