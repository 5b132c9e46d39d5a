"""HTTP libraries by hand: latency, timeouts and errors as their own, on virtual time."""

import subprocess
import sys
from collections.abc import Callable

import pytest
from house import House
from replay import HEAD, SYNC_HEAD, Replay
from scripted_provider import Answer, scripted_provider

pytest.importorskip("requests", reason="requests is not installed: make clients")
pytest.importorskip("aiohttp", reason="aiohttp is not installed: make clients")

ASK = "async def run(requests, flags, client, *, model, workdir, listener):"
SENT = (
    "json={'model': 'gpt-4o-mini', 'messages': [{'role': 'user', 'content': HELLO}]}, "
    "headers={'authorization': 'Bearer x'}"
)
URL = "os.environ['OPENAI_BASE_URL'] + '/chat/completions'"
REQUESTS = f"import os, requests as http\nhttp.post({URL}, {SENT}%s)"
URLLIB3 = f"import os, urllib3\nurllib3.PoolManager().request('POST', {URL}, {SENT}%s)"
URLLIB = f"""
import json, os, urllib.request
asked = {{'model': 'gpt-4o-mini', 'messages': [{{'role': 'user', 'content': HELLO}}]}}
urllib.request.urlopen(urllib.request.Request({URL}, json.dumps(asked).encode())%s)
"""
AIOHTTP = f"""
import os, aiohttp
async with aiohttp.ClientSession() as session, session.post({URL}, {SENT}%s) as done:
    assert (await done.json())["choices"]
"""
POOL = f"""
import os, requests as http
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(2) as pool:
    list(pool.map(lambda words: http.post({URL}, {SENT.replace("HELLO", "words")}), (HELLO, ADDS)))
"""
OVERLAPPING = f"""
import os, aiohttp
async with aiohttp.ClientSession() as session:
    async def post(words):
        async with session.post({URL}, {SENT.replace("HELLO", "words")}) as done:
            await done.read()
    await asyncio.gather(post(HELLO), post(ADDS))
"""
MADE = "\nreturn Made([], {})"
CALLS = {
    "requests": (SYNC_HEAD, REQUESTS % ""),
    "requests, on the loop": (HEAD, REQUESTS % ""),
    "urllib3": (SYNC_HEAD, URLLIB3 % ""),
    "urllib.request": (SYNC_HEAD, URLLIB % ""),
    "aiohttp": (HEAD, AIOHTTP % ""),
}


@pytest.mark.parametrize(("head", "code"), CALLS.values(), ids=CALLS)
def test_a_call_takes_its_latency(replay: Replay, head: str, code: str) -> None:
    """The same second and tokens as through the client passed to the subject."""
    row = replay(code + MADE, head).measurement
    given = replay("await ask(client, HELLO)\nreturn Made([], {})").measurement
    assert (row.calls, row.seconds, row.tokens) == (1, given.seconds, given.tokens)
    assert row.seconds > 0


@pytest.mark.parametrize(
    ("head", "code"), [(SYNC_HEAD, POOL), (HEAD, OVERLAPPING)], ids=["requests", "aiohttp"]
)
def test_calls_at_once_overlap(replay: Replay, head: str, code: str) -> None:
    """Two take as long as the longer one."""
    row = replay(code + MADE, head).measurement
    given = replay("""
await asyncio.gather(ask(client, HELLO), ask(client, ADDS))
return Made([], {})
""").measurement  # fmt: skip
    assert (row.calls, row.seconds) == (2, given.seconds)


@pytest.mark.parametrize(
    ("head", "code", "error", "seconds"),
    [
        (SYNC_HEAD, REQUESTS % ", timeout=0.25", "http.ReadTimeout", 0.25),
        (SYNC_HEAD, REQUESTS % ", timeout=(3, 0.5)", "http.exceptions.ReadTimeout", 0.5),
        (SYNC_HEAD, URLLIB3 % ", timeout=0.25, retries=False",
         "urllib3.exceptions.ReadTimeoutError", 0.25),
        (SYNC_HEAD, URLLIB3 % ", timeout=urllib3.Timeout(total=0.25), retries=False",
         "urllib3.exceptions.ReadTimeoutError", 0.25),
        (SYNC_HEAD, URLLIB % ", timeout=0.25", "TimeoutError", 0.25),
        (HEAD, AIOHTTP % ", timeout=aiohttp.ClientTimeout(sock_read=0.25)",
         "aiohttp.ServerTimeoutError", 0.25),
        (HEAD, AIOHTTP % ", timeout=aiohttp.ClientTimeout(total=0.25)", "TimeoutError", 0.25),
    ],
)  # fmt: skip
def test_a_timeout_is_the_librarys_and_virtual(
    replay: Replay, head: str, code: str, error: str, seconds: float
) -> None:
    """After exactly that time; the call is cancelled, and paid."""
    first, *rest = code.strip().splitlines()
    tried = "\n".join(f"    {line}" for line in rest)
    row = replay(
        f"{first}\ntry:\n{tried}\nexcept {error}:\n    return Made([], {{}})\n", head
    ).measurement
    assert (row.calls, row.seconds) == (1, seconds)


@pytest.mark.parametrize(
    ("kind", "code", "error"),
    [
        ("def", REQUESTS, "http.ConnectionError"),
        ("def", URLLIB3.replace("%s", ", retries=False%s"), "urllib3.exceptions.ProtocolError"),
        ("def", URLLIB, "ConnectionResetError"),
        ("async def", AIOHTTP, "aiohttp.ServerDisconnectedError"),
    ],
)
def test_a_closed_connection_is_the_librarys_error(
    empty_house: House, subject_module: Callable[[str], str], kind: str, code: str, error: str
) -> None:
    """Recorded as closed, and raised in the replay too."""
    first, *rest = (code % "").strip().splitlines()
    tried = "\n".join(f"        {line}" for line in rest)
    dotted = subject_module(
        f"RAISED = []\nHELLO = 'hello'\n{kind} run(requests):\n    {first}\n    try:\n{tried}\n"
        f"    except {error}:\n        RAISED.append(1)\n"
    )
    empty_house.edit("tiny.write\n", f"{dotted}\nfactors: {{short: {{env: S}}}}\n")
    empty_house.edit('targets:\n  all:\n    token_reduction: ">= 20 %"\n', "targets:\n  all:\n")
    closed = Answer(status=503, headers={"x-flagbench-outcome": "closed"})
    with scripted_provider(lambda _: closed) as provider:
        empty_house.record(provider.base_url, trials=1)
    raised = sys.modules[dotted.rpartition(".")[0]].RAISED
    assert raised, "recorded"
    raised.clear()
    scenario = empty_house.scenario
    empty_house.runner().cell_runner.cell(scenario, scenario.control, 1)
    assert raised == [1]


@pytest.mark.parametrize(("head", "code"), CALLS.values(), ids=CALLS)
def test_another_host_ends_the_cell(stopped: Callable[..., str], head: str, code: str) -> None:
    """Whichever library asks; a key in the address is not told."""
    told = stopped(code.replace(URL, "'https://api.openai.com/v1/x?key=secret'"), head)
    assert "https://api.openai.com/v1/x, which is not its provider" in told
    assert "secret" not in told


@pytest.mark.parametrize(("head", "code"), CALLS.values(), ids=CALLS)
def test_an_unrecorded_call_is_explained(stopped: Callable[..., str], head: str, code: str) -> None:
    """As one through the client passed to the subject is."""
    assert "is not recorded" in stopped(code.replace("HELLO", "'unheard'"), head)


def test_a_fetch_at_import_is_told_with_its_remedy(stopped: Callable[..., str]) -> None:
    """Such as litellm's prices."""
    url = "'https://raw.githubusercontent.com/BerriAI/litellm/main/prices.json'"
    told = stopped(f"import requests as http\nhttp.get({url})", SYNC_HEAD)
    assert "LITELLM_LOCAL_MODEL_COST_MAP=True" in told


def test_nothing_is_imported_for_libraries_that_a_subject_does_not_use() -> None:
    """Neither by the harness nor by vcrpy; whoever else uses vcrpy gets all of it."""
    code = """
import sys
import flagbench.http_library
before = {name for name in ("aiohttp", "requests", "urllib3", "botocore") if name in sys.modules}
assert "requests" not in before
import flagbench.cassette.vcr_adapter
import flagbench.run.client_of_aiohttp, flagbench.run.client_of_http_client
after = {name for name in ("aiohttp", "requests", "urllib3", "botocore") if name in sys.modules}
assert after == before, after
import vcr
with vcr.use_cassette("none.yaml", record_mode="none"):
    import requests
    try:
        requests.get("http://127.0.0.1:9/")
    except vcr.errors.CannotOverwriteExistingCassetteException:
        print("walled")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "walled\n", done.stderr
