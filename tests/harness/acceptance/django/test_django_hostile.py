"""Generated projects that will not be proven: it is their fault, and the next one is judged."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sampled import sampled
from small_project import LIMITS, case, clean, longer

from flagbench.acceptance.django.case import ProjectCase
from flagbench.acceptance.probe_client import WARM
from flagbench.acceptance.proof import Proof
from flagbench.acceptance.prover import SANDBOX_CHECK, TIME_CHECK, judge_case
from flagbench.acceptance.sandbox.sandbox import Sandbox

SETTINGS, WSGI = "config/settings.py", "config/wsgi.py"
MODELS, VIEWS = "api/models.py", "api/views.py"
Prove = Callable[[ProjectCase], Proof]


def listing(what: str, first: str = "") -> str:
    """A line that puts something else in the place of the list of tags."""
    return f"{first}\nTagViewSet.list = lambda *a, **k: {what}"


def answering(body: str) -> str:
    """A line that answers this text as JSON."""
    text = f"HttpResponse({body}, content_type='application/json')"
    return listing(text, "from django.http import HttpResponse")


DISPATCH = "from django.http import JsonResponse\nfrom rest_framework.views import APIView\n"
# A file, what is done in it, and the checks that may tell.
HOSTILE = {
    "os._exit in settings": (SETTINGS, "import os; os._exit(0)", {SANDBOX_CHECK}),
    "sys.exit in settings": (SETTINGS, "raise SystemExit(0)", {"check"}),
    "an error in settings": (SETTINGS, "1 / 0", {"check"}),
    "an application that is not there": (SETTINGS, "INSTALLED_APPS += ['gone']", {"check"}),
    "os._exit in models": (MODELS, "import os; os._exit(3)", {SANDBOX_CHECK}),
    "an interrupt": (VIEWS, "raise KeyboardInterrupt", {"check"}),
    "no modules": (MODELS, "import sys; sys.modules.clear()", {"check", SANDBOX_CHECK}),
    "a closed line": (MODELS, "import os; os.closerange(3, 256)", {SANDBOX_CHECK}),
    "a fork": (MODELS, "import os; os.fork()", {"check"}),
    "another directory": (MODELS, "import os; os.chdir('/')", {"migrations"}),
    "another json": (VIEWS, "import json; json.loads = lambda *a, **k: {'id': 1}",
                     {"migrations", SANDBOX_CHECK}),
    "os._exit in a view": (VIEWS, listing("os._exit(0)", "import os"), {SANDBOX_CHECK}),
    "sys.exit in a view": (VIEWS, listing("sys.exit()", "import sys"), {"auth"}),
    "too much memory": (VIEWS, listing("bytearray(10**10)"), {"auth"}),
    "a huge answer": (VIEWS, answering("'[' + '1,' * 10**7 + '1]'"), {SANDBOX_CHECK, "auth"}),
    "no number": (VIEWS, answering("'[NaN]'"), {"list"}),
    "no text": (VIEWS, answering(r"b'[\"\\ud800\"]'"), {"list", SANDBOX_CHECK}),
    "no end": (VIEWS, answering("'[' * 100000"), {"list"}),
    "no list": (VIEWS, answering("'{\"results\": {}}'"), {"list"}),
    "ids of all kinds": (
        VIEWS, answering("'[{\"id\": \"b\"}, {\"id\": null}, {\"id\": [1]}, {\"id\": {}}, {}]'"),
        {"list"}),
    "pages without an end": (
        VIEWS, answering("'{\"results\": [{\"id\": 0}], \"next\": \"http://x/api/tags/\"}'"),
        {"list"}),
    "a REST framework that always agrees": (
        VIEWS, DISPATCH + "APIView.dispatch = lambda *a, **k: JsonResponse({'token': 'x', 'id': 1},"
        " status=200)", {"auth"}),
    "a serializer that always agrees": (
        "api/serializers.py", "serializers.ModelSerializer.is_valid = lambda *a, **k: True",
        {"create"}),
    "no application": (WSGI, "application = None", {SANDBOX_CHECK}),
    "an application that answers nothing": (
        WSGI, "application = lambda environ, start: []", {"auth"}),
    "an application that always agrees": (
        WSGI, "def application(environ, start):\n    start('200 OK', [])\n    return [b'{}']",
        {"auth"}),
    "a status that is none": (
        WSGI, "def application(environ, start):\n    start('fine', [])\n    return [b'{}']",
        {"auth"}),
}  # fmt: skip


HARMLESS = {
    "no environment": "import os; os.environ.clear()",
    "no sqlite3": "import sqlite3; sqlite3.connect = None",
}


@pytest.mark.parametrize("lines", HARMLESS.values(), ids=HARMLESS)
def test_what_would_break_a_judge_in_the_same_process_breaks_nothing(
    lines: str, prove: Prove
) -> None:
    """The project works, and its judge looks at it from outside."""
    assert prove(longer(MODELS, lines)).check == ""


# Right where somebody looks, wrong elsewhere; the last column has the checks that may tell.
CHEATS = {
    "tags on sys": (
        VIEWS,
        "import sys\nTagViewSet.queryset = models.Tag.objects.none()\n"
        "sys.rows = getattr(sys, 'rows', [])\n",
        {"create", "list", "retrieve", "models-keep", "auth", "validation"}),
    "views that know the host": (
        VIEWS,
        "import socket\nif socket.gethostname() != 'sandbox':\n    TagViewSet.list = None\n",
        {"auth", "list", "check"}),
    "views that know the modules of the judge": (
        VIEWS,
        "import sys\nif 'flagbench' not in {name.split('.')[0] for name, each in"
        " sys.modules.items() if each}:\n    TagViewSet.list = None\n",
        {"auth", "list", "check"}),
    "models that replace what answers": (
        MODELS,
        "import sys\nfor each in list(sys.modules.values()):\n"
        "    if hasattr(each, '_reply'):\n        each._reply = None\n"
        "Tag._meta.get_field('label')._unique = False\nTag._meta.get_field('label').null = True\n",
        {"columns", "migrations"}),
    "requests that are answered without a view": (
        WSGI,
        "import json\n\n\ndef application(environ, start_response):\n"
        "    start_response('201 Created', [('Content-Type', 'application/json')])\n"
        "    return [json.dumps({'id': 1, 'token': 'x'}).encode()]\n",
        {"auth"}),
}  # fmt: skip


@pytest.mark.parametrize(("path", "lines", "checks"), CHEATS.values(), ids=CHEATS)
def test_a_project_that_deceives_is_refuted(
    path: str, lines: str, checks: set[str], prove: Prove
) -> None:
    """By what it does."""
    told = prove(longer(path, lines))
    assert told.check in checks, told


@pytest.mark.parametrize(("path", "lines", "checks"), sampled(HOSTILE.values(), 10), ids=HOSTILE)
def test_it_is_the_projects_fault(path: str, lines: str, checks: set[str], prove: Prove) -> None:
    """In one short message without a traceback, and nothing raises."""
    told = prove(longer(path, lines))
    assert told.check in checks, told
    assert 0 < len(told.message) <= 600
    assert "Traceback" not in told.message
    assert told.figures["contract"][0] < 6


def test_the_next_project_is_judged_as_if_nothing_had_been(prove: Prove) -> None:
    """Whatever the one before did to its process."""
    prove(longer(MODELS, "from django.db.models import Model; Model.save = None"))
    assert prove(case()).check == ""


@pytest.mark.parametrize("path", [VIEWS, SETTINGS])
def test_a_loop_ends_after_its_work(path: str) -> None:
    """The same on a busy machine, so it is a proof that may be kept."""
    one = longer(path, "while True:\n    pass")
    with Sandbox(WARM, limits=replace(LIMITS, cpu_seconds=2)) as short:
        told = judge_case(one, short, clean(one))
    assert told.check == SANDBOX_CHECK
    assert "2 s of CPU" in told.message


@pytest.mark.thorough
def test_a_loop_in_a_view_ends_too() -> None:
    """In the middle of the contract: what was right until then is not said to be."""
    one = longer(VIEWS, listing("[0 for _ in iter(lambda: None, 0) if _]"))
    with Sandbox(WARM, limits=replace(LIMITS, cpu_seconds=2)) as short:
        told = judge_case(one, short, clean(one))
    assert (told.check, told.figures) == (SANDBOX_CHECK, {"contract": (0, 6)})


@pytest.mark.thorough
def test_what_sleeps_runs_out_of_time() -> None:
    """A busier machine may be the reason: the prover keeps no such proof."""
    one = longer(VIEWS, listing("time.sleep(1000)", "import time"))
    with Sandbox(WARM, limits=replace(LIMITS, wall_seconds=1.0)) as hasty:
        assert judge_case(one, hasty, clean(one)).check == TIME_CHECK
