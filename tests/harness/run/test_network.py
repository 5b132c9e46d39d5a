"""The network during a replay: nothing leaves the cell, and whatever tries to is named."""

import http.server
import os
import shlex
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator

import pytest
from replay import Replay, Stopped

from flagbench.run import network, private_network
from flagbench.run.network import NAMESPACE

CHILD = """
import subprocess, sys
program = {program!r}
done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
return Made([], {{}})
"""
BY_PROXY = "import urllib.request; urllib.request.urlopen('{url}', timeout=5)"
URLLIB = BY_PROXY.format(url="https://api.elsewhere.test/v1/models")
RAW = "import socket; socket.create_connection(('{host}', {port}), timeout=5)"
OWN_RESOLVER = (
    "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); "
    "s.sendto(b'x', ('192.0.2.9', 9999))"
)
needs_namespace = pytest.mark.skipif(
    private_network.private_network() is None, reason="needs the right to make a namespace"
)


@pytest.fixture(params=[pytest.param(NAMESPACE, marks=needs_namespace), network.PROXIES])
def walls(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Either tier: with a namespace, or with proxies alone."""
    if request.param == network.PROXIES:
        monkeypatch.setattr(network, "private_network", lambda: None)
    return str(request.param)


@pytest.fixture
def outside() -> Iterator[tuple[int, list[str]]]:
    """A provider that is not the replay's: its port on loopback, and what it was asked."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], asked
        server.shutdown()


def test_a_child_that_calls_a_provider_ends_the_cell(stopped: Stopped, walls: str) -> None:
    """Although the subject does not look at how its program ended."""
    told = stopped(CHILD.format(program=URLLIB))
    assert "tried to reach api.elsewhere.test:443, which is outside the replay" in told
    assert f"{shlex.quote(sys.executable)} -c" in told


def test_a_child_does_not_reach_a_server_outside_the_cell(
    stopped: Stopped,
    walls: str,
    outside: tuple[int, list[str]],
) -> None:
    """Not even one on loopback: it may be anybody's."""
    port, asked = outside
    told = stopped(CHILD.format(program=BY_PROXY.format(url=f"http://127.0.0.1:{port}/x")))
    assert f"127.0.0.1:{port}" in told
    assert asked == []


@needs_namespace
@pytest.mark.parametrize(
    ("program", "host"),
    [
        (RAW.format(host="192.0.2.7", port=443), "192.0.2.7:443"),
        (RAW.format(host="api.elsewhere.test", port=443), "api.elsewhere.test"),
        (RAW.format(host="2001:db8::7", port=443), "[2001:db8::7]:443"),
        (OWN_RESOLVER, "192.0.2.9:9999"),
        (f"import os; os.environ.clear(); {URLLIB}", "api.elsewhere.test"),
    ],
    ids=["a number", "a name", "IPv6", "a datagram", "without its environment"],
)
def test_a_child_that_uses_no_proxy_is_seen_too(
    stopped: Stopped,
    program: str,
    host: str,
) -> None:
    """Its namespace has nothing but loopback, and the attempt is read off it."""
    assert f"tried to reach {host}" in stopped(CHILD.format(program=program))


ITSELF = {
    "a socket": "import socket; socket.create_connection(('192.0.2.7', 443))",
    "a name": "import socket; socket.getaddrinfo('api.elsewhere.test', 443)",
    "a datagram": "import socket; "
    "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.7', 53))",
    "asyncio": "await asyncio.open_connection('api.elsewhere.test', 443)",
    "in a thread": "import socket; "
    "await asyncio.to_thread(socket.create_connection, ('192.0.2.7', 443))",
}


@pytest.mark.parametrize("line", ITSELF.values(), ids=ITSELF)
def test_the_subject_itself_reaches_nothing(stopped: Stopped, walls: str, line: str) -> None:
    """Without any HTTP library, and although it catches every `Exception`."""
    told = stopped(f"try:\n    {line}\nexcept Exception:\n    pass\nreturn Made([], {{}})")
    assert "the subject tried to reach" in told
    assert "192.0.2.7" in told or "api.elsewhere.test" in told


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_a_forked_process_reaches_nothing(stopped: Stopped, walls: str) -> None:
    """It has no command line of its own."""
    told = stopped("""
import os, socket
child = os.fork()
if not child:
    try:
        socket.create_connection(("192.0.2.7", 443), timeout=5)
    except BaseException:
        pass
    os._exit(0)
os.waitpid(child, 0)
return Made([], {})
""")
    assert "a forked process tried to reach 192.0.2.7:443" in told


OWN_SERVERS = {
    "asyncio": """
async def serve(reader, writer):
    writer.write(await reader.readline())
    writer.close()

server = await asyncio.start_server(serve, "127.0.0.1", 0)
reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
writer.write(b"hello\\n")
assert await reader.read() == b"hello\\n"
writer.close()
server.close()
""",
    "a thread": """
import socket, threading
server = socket.create_server(("127.0.0.1", 0))
def serve():
    peer, _ = server.accept()
    peer.sendall(b"hello")
    peer.close()
threading.Thread(target=serve).start()
with socket.create_connection(("localhost", server.getsockname()[1])) as peer:
    assert peer.recv(5) == b"hello"
server.close()
""",
    "a program": """
import socket, subprocess, sys
program = ("import socket; s = socket.create_server(('127.0.0.1', 0)); "
           "print(s.getsockname()[1], flush=True); s.accept()[0].sendall(b'hello')")
child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
port = int(child.stdout.readline())
with socket.create_connection(("127.0.0.1", port)) as peer:
    assert peer.recv(5) == b"hello"
assert child.wait() == 0
child.stdout.close()
""",
}


@pytest.mark.parametrize("body", OWN_SERVERS.values(), ids=OWN_SERVERS)
def test_a_server_that_the_subject_starts_on_loopback_works(
    replay: Replay,
    walls: str,
    body: str,
) -> None:
    """And its calls go on beside it."""
    cell = replay(f"{body}\nawait ask(client, HELLO)\nreturn Made([], {{}})")
    assert cell.measurement.calls == 1


def test_programs_that_stay_on_the_machine_run(replay: Replay, walls: str) -> None:
    """A compiler, a formatter; one that works longer than a second is waited for."""
    cell = replay("""
import os, subprocess, sys
assert subprocess.check_output([sys.executable, "-c", "print(6 * 7)"]) == b"42\\n"
assert os.system("exit 0") == 0
child = await asyncio.create_subprocess_exec(sys.executable, "-c", "print(1)")
assert await child.wait() == 0
await ask(client, HELLO)
return Made([], {})
""")
    assert cell.measurement.calls == 1


def test_keys_and_addresses_of_providers_are_not_in_the_environment(
    replay: Replay,
    walls: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither of the subject nor of its programs; all is as before after the cell."""
    names = [
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "OPENAI_ORG_ID",
        "ANTHROPIC_AUTH_TOKEN",
        "AZURE_OPENAI_ENDPOINT",
        "MY_SERVICE_API_KEY",
        "my_base_url",
        "HTTPS_PROXY",
        "no_proxy",
        "HF_TOKEN",
    ]
    for name in names:
        monkeypatch.setenv(name, f"http://user.test/{name}")
    before = dict(os.environ)
    replay(f"""
import os, subprocess, sys
names = {names!r}
held = [os.environ.get(name, "") for name in names]
assert not any("user.test" in value for value in held), held
assert "user.test" not in subprocess.check_output(
    [sys.executable, "-c", "import os; print(dict(os.environ))"], text=True)
assert os.environ["HTTPS_PROXY"].startswith("http://127.0.0.1:")
return Made([], {{}})
""")
    assert dict(os.environ) == before


def test_after_a_cell_the_network_is_as_it_was(
    stopped: Stopped,
    walls: str,
    outside: tuple[int, list[str]],
) -> None:
    """A guest changes nothing: the next test of the user has its network."""
    port, asked = outside
    stopped(CHILD.format(program=URLLIB))
    socket.create_connection(("127.0.0.1", port)).close()
    fetch = BY_PROXY.format(url=f"http://127.0.0.1:{port}/after")
    assert subprocess.run([sys.executable, "-c", fetch], check=False).returncode == 0
    assert asked == ["/after"]


def test_after_a_cell_urllib_has_no_proxy_of_ours(stopped: Stopped, walls: str) -> None:
    """It keeps the proxies that it finds at its first request, also if that is in a cell."""
    before = urllib.request._opener
    line = "import urllib.request; urllib.request.urlopen('http://192.0.2.1/', timeout=1)"
    stopped(line)
    assert urllib.request._opener is before


def test_another_thread_of_the_process_has_its_network(
    replay: Replay,
    walls: str,
    outside: tuple[int, list[str]],
) -> None:
    """Such as a plugin's that was there before the cell."""
    port, _ = outside
    failed: list[BaseException] = []
    done = threading.Event()

    def connect() -> None:
        while not done.is_set():
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                socket.getaddrinfo("localhost", port)
            except BaseException as error:
                failed.append(error)
            time.sleep(0.001)

    thread = threading.Thread(target=connect)
    thread.start()
    for _ in range(20):
        replay("await ask(client, HELLO)\nreturn Made([], {})")
    done.set()
    thread.join()
    assert failed == []
