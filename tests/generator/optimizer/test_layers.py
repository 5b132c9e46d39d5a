"""Validation in layers: one report, whatever was run for it."""

import pytest

from flagbench_generators.optimizer import CodeComponent, IntegrationPattern

SMALL = IntegrationPattern("small", "", (("lines_at_most", 1),))
GOOD = CodeComponent("good", text="N = 1\n")
BROKEN = CodeComponent("broken", text="def")
GONE = CodeComponent("gone", path="no such folder/gone.py")
LONG = CodeComponent("long", text="N = 1\nM = 2\n")
CIRCLE = [CodeComponent("a", text="import b\n"), CodeComponent("b", text="import a\n")]
ROUTE = CodeComponent("route", text="@r.get('/api/v1/users')\ndef users(): pass\n")
LOST = CodeComponent("lost", text="@r.delete('/api/v1/users')\ndef users(): pass\n")
SKIPPED = ("skipped", "skipped", "skipped")


@pytest.mark.parametrize(
    ("components", "verdict", "score", "statuses"),
    [([GOOD], "accepted", 1.0, ("passed", "passed", "passed", "skipped")),
     ([CodeComponent("me", text="import me")], "accepted", 1.0,
      ("passed", "passed", "passed", "skipped")),
     ([GOOD, LONG], "rejected", 0.833333, ("passed", "passed", "failed", "skipped")),
     (CIRCLE, "rejected", 0.833333, ("passed", "failed", "passed", "skipped")),
     ([GOOD, BROKEN], "rejected", 0.5, ("failed", *SKIPPED)),
     ([GOOD, GONE], "unknown", 0.666667, ("unknown", "passed", "unknown", "skipped")),
     ([], "unknown", None, ("skipped", *SKIPPED)),
     ([BROKEN, GONE], "rejected", 0.0, ("failed", *SKIPPED))],
)  # fmt: skip
@pytest.mark.parametrize("early", ["true", "false"])
@pytest.mark.parametrize("parallel", ["true", "false"])
def test_the_report(make, components, verdict, score, statuses, early, parallel) -> None:
    """It is the same with early termination and without, in parallel and one after the other."""
    optimizer = make(EARLY_TERMINATION=early, OPTIMIZATION_PARALLEL=parallel)
    report = optimizer.optimize_multi_layer_validation(components, [SMALL])
    assert (report["verdict"], report["score"]) == (verdict, score)
    assert tuple(layer["status"] for layer in report["layers"].values()) == statuses


def test_early_termination_saves_the_layers_after_a_critical_failure(make) -> None:
    """Without it they run, and are not reported."""
    for early, checks in (("true", 0), ("false", 1)):
        optimizer = make(EARLY_TERMINATION=early, CACHE_STRATEGY="off")
        optimizer.optimize_multi_layer_validation([GOOD, BROKEN], [SMALL])
        assert min(optimizer.counts["checks"], 1) == checks


def test_a_circle_of_imports_is_named(make) -> None:
    """Each component needs the next."""
    report = make().optimize_multi_layer_validation(CIRCLE, [])
    assert report["layers"]["dependencies"]["problems"] == ["a needs b needs a"]


FILES = {
    "__init__": "from . import tool\n", "tool": "from .pkg import a\nfrom .. import pkg\n",
    "pkg.__init__": "from .a import x\n", "pkg.a": "from pkg import b\n",
    "pkg.b": "from . import a, c\n", "pkg.c": "import os\nfrom . import VERSION\n",
    "pkg.inner.d": "from ..c import x\nfrom pkg import *\n",
    "pkg.inner.e": "from .nothing import x\n", "m": "import pkg\nimport pkg.inner.d\n",
    "n": "from . import NAME\nfrom pkg.inner import d\n",
}  # fmt: skip
NEEDS = {
    "__init__": ["tool"], "tool": ["pkg.a"], "pkg.__init__": ["pkg.a"], "pkg.a": ["pkg.b"],
    "pkg.b": ["pkg.a", "pkg.c"], "pkg.c": ["pkg.__init__"],
    "pkg.inner.d": ["pkg.__init__", "pkg.c"], "pkg.inner.e": [],
    "m": ["pkg.__init__", "pkg.inner.d"], "n": ["__init__", "pkg.inner.d"],
}  # fmt: skip


def test_an_import_names_a_component_by_each_of_its_forms(make) -> None:
    """Relative, of a module out of a package, of a package; one beyond the folder is none."""
    components = [CodeComponent(name, text=text) for name, text in FILES.items()]
    found = make().optimize_component_analysis(components)
    assert {each.name: each.analysis["depends_on"] for each in found} == NEEDS
    circle = make().optimize_multi_layer_validation(components, [])["layers"]["dependencies"]
    assert circle["status"] == "failed"


def test_routes_are_held_against_the_service(make, services) -> None:
    """A route that it lacks fails; without a service, routes are unknown."""
    report = make(services).optimize_multi_layer_validation([ROUTE, LOST], [])
    assert report["layers"]["api"]["problems"] == ["DELETE /api/v1/users: DELETE is not allowed"]
    alone = make().optimize_multi_layer_validation([ROUTE], [])
    assert alone["layers"]["api"]["status"] == alone["verdict"] == "unknown"
    services.faults[:] = [500] * 5
    failing = make(services, CACHE_STRATEGY="off").optimize_multi_layer_validation([ROUTE], [])
    assert failing["layers"]["api"]["status"] == failing["verdict"] == "unknown"


def test_a_layer_that_takes_too_long_is_unknown(make) -> None:
    """By the rule of validation in layers."""
    optimizer = make()
    optimizer.component_optimizers["multi_layer_validation"] = {"timeout": 1e-9}
    many = [CodeComponent(str(number), text=f"N = {number}") for number in range(100)]
    report = optimizer.optimize_multi_layer_validation(many, [SMALL])
    assert report["verdict"] == "unknown"
    assert report["layers"]["syntax"]["problems"] == ["no result within 1e-09 s"]
