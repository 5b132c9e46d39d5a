"""Time of commands: the same digits in many runs beside endless loops, and the wall clock's error.

    python tests/benchmarks/command_time.py [RUNS]

Each program is recorded from a server that really takes the latencies, then replayed RUNS times
beside two endless loops, and run live against the same server without them. The error is that of
virtual seconds plus own seconds against the live run.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "examples"))

import click
from commands import PROGRAMS, endless_loops, programmed_house

from flagbench.run.cell_run import CellRun


@contextmanager
def slow_provider() -> Iterator[str]:
    """A server whose every answer takes as many seconds as the prompt says."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            time.sleep(float(asked["messages"][-1]["content"]))
            message = {"role": "assistant", "content": "yes"}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            body = json.dumps(
                {"id": "c", "object": "chat.completion", "created": 1, "model": asked["model"],
                 "choices": [choice]}
            ).encode()  # fmt: skip
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()


def replays(folder: Path, name: str, runs: int, base_url: str) -> list[CellRun]:
    """Runs of one program, recorded once, beside endless loops."""
    house = programmed_house(folder, name)
    house.record(base_url)
    scenario = house.scenario
    runner = house.runner().cell_runner
    with endless_loops():
        return [runner.run(scenario, scenario.control, 1) for _ in range(runs)]


def live_seconds(folder: Path, name: str, base_url: str) -> float:
    """Real seconds of the program against the server itself."""
    _, other = PROGRAMS[name]
    words = (
        [other[0], str(folder / other[1])] if other else [sys.executable, str(folder / "tool.py")]
    )
    environment = {**os.environ, "OPENAI_BASE_URL": base_url, "OPENAI_API_KEY": "none"}
    began = time.perf_counter()
    subprocess.run(words, env=environment, check=True, capture_output=True)
    return time.perf_counter() - began


def main(runs: int) -> None:
    """Print a row for each program."""
    click.echo(f"{'program':18} {f'virtual, {runs} runs':24} {'own':>6} {'live':>7} {'error':>7}")
    with slow_provider() as base_url:
        for name, (_, other) in PROGRAMS.items():
            if other and shutil.which(other[0]) is None:
                continue
            with tempfile.TemporaryDirectory() as folder:
                made = replays(Path(folder), name, runs, base_url)
                live = min(live_seconds(Path(folder), name, base_url) for _ in range(3))
                quiet = house_own(Path(folder))
            digits = sorted({run.seconds for run in made})
            error = (digits[0] + quiet) / live - 1
            click.echo(f"{name:18} {digits!s:24} {quiet:6.3f} {live:7.3f} {error:7.1%}")


def house_own(folder: Path) -> float:
    """Own seconds on a machine that has nothing else to do."""
    from house import House

    house = House(folder)
    runner = house.runner().cell_runner
    return min(runner.run(house.scenario, house.scenario.control, 1).own_seconds for _ in range(3))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
