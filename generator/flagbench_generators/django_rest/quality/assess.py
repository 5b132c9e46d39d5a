"""Quality of a file, assessed without running it: four layers, each with a weight in the score.

The score is a share of 1: syntax 0.3, semantics 0.3, best practice 0.2, security 0.2; it is 0 for a
file that does not parse. Semantics and practice are the weight of the required rules that match
over the weight of all; a certain match of a forbidden pattern makes the layer 0. In semantics, so
do undefined names, names that another file of the project does not have, and errors of Django's
checks of the models. Security is 0 for a finding of high severity, and loses 0.5 for each of medium
and 0.1 for each of low severity.
"""

import ast
import io
import json
import logging
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import version

from pyflakes import checker, messages

from flagbench_generators.django_rest.quality import django_checks
from flagbench_generators.django_rest.quality.across import unknown_names
from flagbench_generators.kernel.disk_memo import memoise
from flagbench_generators.kernel.formatting import syntax_error
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
    """A layer with its score, from 0 to 1, and its issues."""

    name: str
    score: float
    issues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quality:
    """The findings of all layers in a file."""

    layers: tuple[Layer, ...]

    @property
    def score(self) -> float:
        """The weighted sum, from 0 to 1; 0 for a file that does not parse."""
        if self.errors:
            return 0.0
        return round(math.fsum(WEIGHTS[layer.name] * layer.score for layer in self.layers), 4)

    @property
    def errors(self) -> tuple[str, ...]:
        """The syntax errors, for which the file cannot run."""
        return self.layers[0].issues

    @property
    def issues(self) -> tuple[str, ...]:
        """The issues, those of the layer with the largest weight first."""
        return tuple(issue for layer in self.layers for issue in layer.issues)

    @property
    def worst(self) -> str:
        """The layer that lost most of the score, "" if none did."""
        losses = {layer.name: WEIGHTS[layer.name] * (1 - layer.score) for layer in self.layers}
        name = max(losses, key=lambda layer_name: losses[layer_name])
        return name if losses[name] else ""


@lru_cache(maxsize=4096)  # pure, and the sessions of a benchmark review the same texts
def assess(
    text: str, book: RuleBook, spec: RequestSpec, *, is_models: bool = False, models: str = ""
) -> Quality:
    """Assess a file in all four layers.

    `models` is the text of the models, if the file builds on them and is not the models itself.
    """
    error = syntax_error(text) if text.strip() else "the file is empty"
    if error is not None:
        missing = [Layer(name, 0.0) for name in WEIGHTS if name != "syntax"]
        return Quality((Layer("syntax", 0.0, (f"does not parse: {error}",)), *missing))
    checks = checks_for(book, spec)
    errors = [*_undefined_names(text), *unknown_names(text, spec, models)]
    errors += django_checks.find_problems(text) if is_models else ()
    semantics = _by_rules("semantics", text, checks)
    if errors:
        semantics = Layer("semantics", 0.0, (*errors, *semantics.issues))
    return Quality(
        (Layer("syntax", 1.0), semantics, _by_rules("practice", text, checks), _security(text))
    )


def _by_rules(layer: str, text: str, checks: Sequence[Check]) -> Layer:
    weight, total, issues, is_certain = 0.0, 0.0, [], False
    for check in checks:
        if check.rule.layer != layer:
            continue
        matches = check.pattern.search(text) is not None
        if check.rule.kind == "required":
            total += check.rule.weight
            weight += check.rule.weight * matches
        elif matches:
            is_certain = is_certain or check.rule.confidence >= THRESHOLD
        if matches is (check.rule.kind == "forbidden"):
            issues.append(check.message)
    score = 0.0 if is_certain else weight / total if total else 1.0
    return Layer(layer, score, tuple(dict.fromkeys(issues)))


def _undefined_names(text: str) -> tuple[str, ...]:
    """Find undefined names, which raise NameError when the file runs."""
    try:
        findings = checker.Checker(ast.parse(text)).messages
    except RecursionError:  # nested too deep for pyflakes; Python may still run it
        return ()
    return tuple(
        f"line {message.lineno}: {message.message % message.message_args}"
        for message in findings
        if isinstance(message, (messages.UndefinedName, messages.UndefinedExport))
    )


def _security(text: str) -> Layer:
    findings = json.loads(memoise(_bandit_version(), text, _bandit))
    loss = sum(_LOSSES[severity] for severity, _ in findings)
    return Layer("security", max(0.0, 1.0 - loss), tuple(text for _, text in findings))


@cache  # reading a version takes a millisecond
def _bandit_version() -> str:
    return f"bandit-{version('bandit')}"


def _bandit(text: str) -> str:
    """Run bandit; return its findings as JSON: severity, and the line with the text."""
    source = text.encode("utf-8", "replace")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its plugins are loaded with a deprecated argument
        # Imported only where files are assessed.
        from bandit.core import config, meta_ast, metrics, node_visitor, test_set  # noqa: PLC0415

        # It warns of comments that it cannot parse.
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
        [(issue.severity, f"line {issue.lineno}: {issue.text}") for issue in visitor.tester.results]
    )
