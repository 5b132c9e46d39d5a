"""A generated suite, run as it is and once for every mutant, by the real pytest in the sandbox."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from flagbench import subject, subject_loading
from flagbench.acceptance import reference_solutions
from flagbench.acceptance.cases import Application
from flagbench.acceptance.mutants import MUTANTS
from flagbench.acceptance.probe_client import SuiteRun
from flagbench.acceptance.sandbox.sandbox import Misbehaved, Raised
from flagbench.scenario import loading

ROOT = Path(__file__).resolve().parents[4]
SUITE = "tests/test_student.py"
Begin = Callable[..., Any]


@pytest.fixture(scope="module")
def students() -> dict[str, str]:
    """The application around a suite of students, the reference suite included."""
    one = loading.load(ROOT / "scenarios" / "student.yaml")
    files = reference_solutions.load(ROOT / "scenarios" / "solutions" / "student").files
    made = Application(subject.scaffold_of(subject_loading.load(one.subject)))
    case = dict(made.after(one.acceptance[0], files))[SUITE]
    assert case is not None
    return dict(case.files)


def run(
    begin: Begin, files: Mapping[str, str], text: str = "", path: str = SUITE,
    address: str = "/students",
) -> SuiteRun:  # fmt: skip
    """What is told of a suite."""
    with begin({**files, **({path: text} if text else {})}) as child:
        told = child.suite(path, address)
    assert isinstance(told, SuiteRun)
    return told


def test_the_reference_catches_every_mutant(begin: Begin, students: dict[str, str]) -> None:
    """It collects, passes, and is steady."""
    told = run(begin, students)
    assert len(told.collected) == 12
    assert (told.broken, told.failed, told.flaky) == ([], {}, {})
    assert told.caught == dict.fromkeys(MUTANTS, True)


# Each test alone catches these mutants, and no other.
TESTS = {
    "def test_it(client):\n"
    "    assert client.post('/students', json={'name': 'a'}).status_code == 201\n":
        {"a created row answers 200"},
    "def test_it(client):\n"
    "    assert 'id' in client.post('/students', json={'name': 'a'}).json()\n":
        {"a created row lacks its id"},
    "def test_it(client):\n"
    "    client.post('/students', json={'name': 'a'})\n"
    "    assert len(client.get('/students').json()) == 1\n":
        {"the list is empty"},
    "def test_it(client):\n"
    "    assert client.get('/students').json() == []\n": set(),
    "def test_it(client):\n"
    "    assert client.get('/students/5').status_code == 404\n":
        {"a missing row is found"},
    "def test_it(client):\n"
    "    assert client.post('/students', json={}).status_code == 422\n":
        {"an invalid body is accepted"},
    "def test_it(client):\n"
    "    row = client.post('/students', json={'name': 'a'}).json()\n"
    "    got = client.put(f\"/students/{row.get('id', 1)}\", json={'name': 'b'})\n"
    "    assert got.json()['name'] == 'b'\n":
        {"an update changes nothing"},
    "def test_it(client):\n"
    "    client.post('/students', json={'name': 'a'})\n"
    "    client.delete('/students/1')\n"
    "    assert client.get('/students').json() == []\n":
        {"a delete deletes nothing"},
    "def test_it(client):\n"
    "    client.post('/students', json={'name': 'a'})\n"
    "    assert client.get('/students/1').status_code in (200, 422)\n":
        {"an existing row is not found"},
}  # fmt: skip


def test_each_test_catches_its_own_mutant(begin: Begin, students: dict[str, str]) -> None:
    """Nine suites of one test: what it asserts is what it catches."""
    for text, wanted in TESTS.items():
        told = run(begin, students, text)
        assert told.failed == {}, text
        assert {name for name, is_caught in told.caught.items() if is_caught} == wanted, text


def test_many_tests_catch_what_each_catches(begin: Begin, students: dict[str, str]) -> None:
    """Together in one suite."""
    text = "\n\n".join(
        text.replace("test_it", f"test_{number}") for number, text in enumerate(TESTS)
    )
    told = run(begin, students, text)
    assert told.caught == dict.fromkeys(MUTANTS, True)
    assert told.flaky == {}


# Those of an odd number can fail, though no mutant is noticed.
IDLE = """
def test_0():
    pass


def test_1(client):
    assert client.get("/students").json() == []


def test_2(client):
    client.get("/students")
    assert client is not None


def test_3(client):
    assert client.get("/students").status_code < 500


def test_4(client):
    try:
        assert client.get("/students").json() == []
    except Exception:
        pass


def test_5(client):
    assert client.post("/students", json={}).status_code >= 400
"""


def test_tests_that_pass_whatever_is_answered_are_told(
    begin: Begin, students: dict[str, str]
) -> None:
    """A test that fails with some answer is none of them."""
    told = run(begin, students, IDLE)
    assert told.failed == {}
    assert told.idle == [f"{SUITE}::test_{number}" for number in (0, 2, 4)]


def test_a_suite_does_not_have_the_routes(begin: Begin, students: dict[str, str]) -> None:
    """It cannot compare the answers with those of the unbroken application."""
    text = (
        "from app.routes.student import router\n\n\n"
        "def test_a(client):\n    assert router.routes == []\n"
        "    assert client.get('/students').json() == []\n"
    )
    assert run(begin, students, text).failed == {}


def test_an_application_that_a_function_builds_is_served_too(
    begin: Begin, students: dict[str, str]
) -> None:
    """It has the routes of `app.main`, whatever object stands for it."""
    text = (
        "from app.main import create_app\nfrom fastapi.testclient import TestClient\n\n\n"
        "def test_a():\n    client = TestClient(create_app())\n"
        "    assert client.post('/students', json={}).status_code == 422\n"
    )
    told = run(begin, students, text)
    assert told.failed == {}
    assert told.caught["an invalid body is accepted"]


def test_an_application_that_does_not_start_fails_each_test(
    begin: Begin, students: dict[str, str]
) -> None:
    """They are counted as failures, with its exception."""
    routes = "app/routes/student.py"
    told = run(
        begin, {**students, routes: f"{students[routes]}\nraise RuntimeError('not today')\n"}
    )
    assert len(told.failed) == len(told.collected) == 12
    assert "RuntimeError: not today" in told.failed[told.collected[0]]


def test_an_application_of_the_suites_own_is_not_replaced(
    begin: Begin, students: dict[str, str]
) -> None:
    """Nor mutated: it says nothing about the routes."""
    text = (
        "from fastapi import FastAPI\nfrom fastapi.testclient import TestClient\n\n"
        "own = FastAPI()\n\n\n@own.get('/students')\ndef listed():\n    return [1]\n\n\n"
        "def test_a():\n    assert TestClient(own).get('/students').json() == [1]\n"
    )
    told = run(begin, students, text)
    assert told.failed == {}
    assert not any(told.caught.values())


HOSTILE = {
    "a failure": ("def test_a():\n    assert 1 == 2, 'no'\n", "AssertionError: no"),
    "an error in a fixture": (
        "import pytest\n\n\n@pytest.fixture\ndef a():\n    1 / 0\n\n\ndef test_a(a):\n    pass\n",
        "ZeroDivisionError"),
    "a fixture that is not there": ("def test_a(nothing):\n    pass\n", "'nothing' not found"),
    "an error at the end": (
        "import pytest\n\n\n@pytest.fixture\ndef a():\n    yield\n    1 / 0\n\n\n"
        "def test_a(a):\n    pass\n", "ZeroDivisionError"),
    "a skip": ("import pytest\n\n\n@pytest.mark.skip\ndef test_a():\n    pass\n", "skip"),
    "an expected failure": (
        "import pytest\n\n\n@pytest.mark.xfail\ndef test_a():\n    assert 0\n", ""),
    "a strict one that passes": (
        "import pytest\n\n\n@pytest.mark.xfail(strict=True)\ndef test_a():\n    pass\n", "XPASS"),
    "an interrupt": ("def test_a():\n    raise KeyboardInterrupt\n", "KeyboardInterrupt"),
    "an exit": ("import pytest\n\n\ndef test_a():\n    pytest.exit('enough')\n", "Exit: enough"),
    "a system exit": ("def test_a():\n    raise SystemExit(0)\n", "SystemExit"),
    "much text": ("def test_a():\n    print('x' * 5_000_000)\n    assert 'y' * 3_000 == 1\n", "y"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "words"), HOSTILE.values(), ids=HOSTILE)
def test_a_test_that_does_not_pass_is_told(
    begin: Begin, students: dict[str, str], text: str, words: str
) -> None:
    """With the first lines of why; no mutant is tried then."""
    told = run(begin, students, text)
    ((name, message),) = told.failed.items()
    assert name == f"{SUITE}::test_a"
    assert words in message
    assert (told.caught, told.broken) == ({}, [])


@pytest.mark.parametrize(
    ("text", "words"),
    [("import nothing_of_this_name\n", "nothing_of_this_name"), ("def f(:\n", "invalid syntax"),
     ("raise RuntimeError('not today')\n", "RuntimeError: not today"),
     ("import pytest\n\n\n@pytest.mark.parametrize('b', [1])\ndef test_a():\n    pass\n",
      "uses no argument 'b'")],
)  # fmt: skip
def test_a_suite_that_does_not_collect_is_told(
    begin: Begin, students: dict[str, str], text: str, words: str
) -> None:
    """With the last lines of why."""
    told = run(begin, students, text)
    assert told.collected == []
    assert not any(told.caught.values())
    assert words in told.broken[0]


def test_a_failure_in_one_test_leaves_the_others(begin: Begin, students: dict[str, str]) -> None:
    """Also one that would end the run."""
    text = (
        "import pytest\n\n\ndef test_a():\n    pytest.exit('enough')\n\n\n"
        "def test_b():\n    raise KeyboardInterrupt\n\n\ndef test_c(client):\n    assert client\n"
    )
    told = run(begin, students, text)
    assert len(told.collected) == 3
    assert set(told.failed) == {f"{SUITE}::test_a", f"{SUITE}::test_b"}


def test_a_test_that_fails_when_it_is_run_again_has_caught_nothing(
    begin: Begin, students: dict[str, str]
) -> None:
    """It would fail under every mutant."""
    text = (
        "RUNS = []\n\n\ndef test_a(client):\n    RUNS.append(1)\n"
        "    client.post('/students', json={'name': 'a'})\n    assert len(RUNS) == 1\n"
    )
    told = run(begin, students, text)
    assert told.failed == {}
    assert not any(told.caught.values())
    assert list(told.flaky) == [f"{SUITE}::test_a"]


def test_other_suites_and_settings_are_not_run(begin: Begin, students: dict[str, str]) -> None:
    """Only the file that was named, with no options of the application's."""
    files = {
        **students,
        "tests/test_other.py": "def test_other():\n    assert 0\n",
        "pytest.ini": "[pytest]\naddopts = -k nothing\n",
    }
    told = run(begin, files, "def test_a():\n    pass\n")
    assert told.collected == [f"{SUITE}::test_a"]
    assert set(told.caught) == set(MUTANTS)


@pytest.mark.parametrize(
    "text",
    ["import os\n\n\ndef test_a():\n    os._exit(0)\n", "import os\n\nos._exit(3)\n",
     "import sys\n\n\ndef test_a():\n    sys.modules.clear()\n    assert 0\n",
     "import json\n\n\ndef test_a():\n    json.dumps = json.loads = None\n",
     "import builtins\n\n\ndef test_a():\n    builtins.print = None\n    assert 0\n"],
    ids=["leaves", "leaves at import", "no modules", "no json", "no print"],
)  # fmt: skip
def test_a_suite_that_ends_the_process_ends_its_own_alone(
    begin: Begin, students: dict[str, str], text: str
) -> None:
    """It is told; the next child knows nothing of it."""
    try:
        told = run(begin, students, text)
    except (Misbehaved, Raised) as error:
        assert 0 < len(str(error)) < 1000
    else:
        assert told.failed
    assert run(begin, students, "def test_a():\n    pass\n").failed == {}


@pytest.mark.parametrize("address", ["/student", "/pupils"])
def test_mutants_of_another_address_are_not_noticed(
    begin: Begin, students: dict[str, str], address: str
) -> None:
    """What is broken there is none of this suite's."""
    assert not any(run(begin, students, address=address).caught.values())


# Requests as clients send them, and what the application answers.
REQUESTS = {
    "a body for a method without one": (
        "    assert client.head('/students').text == ''\n"),
    "a length": (
        "    answer = client.get('/students')\n"
        "    assert answer.headers.get_list('content-length') == [str(len(answer.content))]\n"),
    "no length without a body": (
        "    client.post('/students', json={'name': 'a'})\n"
        "    assert 'content-length' not in client.delete('/students/1').headers\n"),
    "a time": "    assert client.get('/students').elapsed.total_seconds() >= 0\n",
    "text of any script": (
        "    client.post('/students', json={'name': 'Zo\u00eb \u5f20'})\n"
        "    assert client.get('/students').json()[0]['name'] == 'Zo\u00eb \u5f20'\n"),
    "a path and a query with escapes": (
        "    assert client.get('/students/%C3%AB?a=%26').status_code == 422\n"),
    "bytes that are no text": (
        "    kind = {'content-type': 'application/json'}\n"
        "    sent = b'\\xff' * 5\n"
        "    assert client.post('/students', content=sent, headers=kind).status_code == 400\n"),
    "an iterator": (
        "    sent = iter([b'{\"name\": ', b'\"a\"}'])\n"
        "    kind = {'content-type': 'application/json'}\n"
        "    got = client.post('/students', content=sent, headers=kind)\n"
        "    assert got.json()['name'] == 'a'\n"),
    "a thread": (
        "    from concurrent.futures import ThreadPoolExecutor\n"
        "    with ThreadPoolExecutor(8) as pool:\n"
        "        answers = list(pool.map(client.get, ['/students'] * 30))\n"
        "    assert [one.status_code for one in answers] == [200] * 30\n"),
    "a thread that is left behind": (
        "    import threading, time\n"
        "    def ask():\n        time.sleep(0.01)\n        client.get('/students')\n"
        "    threading.Thread(target=ask, daemon=True).start()\n"),
}  # fmt: skip


@pytest.mark.parametrize("body", REQUESTS.values(), ids=REQUESTS)
def test_a_suite_sends_what_a_client_sends(
    begin: Begin, students: dict[str, str], body: str
) -> None:
    """And gets what the application answers, in each of many runs."""
    head = "import pytest\n\n\n@pytest.mark.parametrize('n', range(3))\n"
    text = f"{head}def test_a(client, n):\n{body}"
    told = run(begin, students, text)
    assert (told.failed, told.broken, told.flaky) == ({}, [], {})


ENDS = {
    "an exception": ("1 / 0", 500),
    "the end of the process": ("__import__('os')._exit(0)", 502),
    "a system exit": ("raise SystemExit(0)", 502),
}


@pytest.mark.parametrize(("statement", "status"), ENDS.values(), ids=ENDS)
def test_an_application_that_breaks_answers_so(
    begin: Begin, students: dict[str, str], statement: str, status: int
) -> None:
    """Its tests fail; the process of the suite lives on."""
    routes = "app/routes/student.py"
    broken = f"{students[routes]}\n\n@router.patch('')\nasync def end():\n    {statement}\n"
    text = (
        "def test_a(client):\n    assert client.patch('/students').status_code == 200\n\n\n"
        "def test_b():\n    pass\n"
    )
    told = run(begin, {**students, routes: broken}, text)
    assert list(told.failed) == [f"{SUITE}::test_a"]
    assert str(status) in told.failed[f"{SUITE}::test_a"]


def test_an_application_is_started(begin: Begin, students: dict[str, str]) -> None:
    """What its lifespan puts into the state is there in requests."""
    main = "app/main.py"
    files = {
        **students,
        main: students[main]
        + "\nfrom contextlib import asynccontextmanager\n\n\n@asynccontextmanager\n"
        "async def lifespan(_):\n    migrate_database()\n    yield {'word': 'begun'}\n\n\n"
        "app = FastAPI(lifespan=lifespan)\n\n\n@app.get('/word')\n"
        "def word(request: Request):\n    return request.state.word\n",
    }
    files[main] = "from fastapi import Request\n" + files[main]
    text = "def test_a(client):\n    assert client.get('/word').json() == 'begun'\n"
    assert run(begin, files, text).failed == {}
