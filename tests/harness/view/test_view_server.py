"""`flagbench view` serves a run on loopback until Ctrl-C, and writes the same pages as files."""

import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from bench import Bench
from patience import PATIENCE_SECONDS

FLAGBENCH = str(Path(sys.executable).with_name("flagbench"))


@contextmanager
def served(folder: Path, *options: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """The address of a running view, and its process."""
    command = [FLAGBENCH, "view", "--no-browser", "--port", "0", *options]
    running = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    try:
        told = running.stdout.readline()
        assert told.startswith("flagbench view: http://127.0.0.1:"), running.communicate()
        yield told.split()[2], running
    finally:
        running.kill()
        running.communicate()


def get(address: str, host: str = "") -> tuple[int, str, str]:
    """Status, text and content security policy of an address."""
    asked = urllib.request.Request(address, headers={"host": host} if host else {})  # noqa: S310
    try:
        with urllib.request.urlopen(asked) as answer:  # noqa: S310  it is our own
            policy = answer.headers.get("content-security-policy", "")
            return answer.status, answer.read().decode(), policy
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), ""


def test_pages_are_served_until_ctrl_c(accepted: Bench) -> None:
    """Only by the names of loopback; an unknown page is 404."""
    accepted()
    with served(accepted.house.path) as (address, running):
        status, text, policy = get(address)
        assert (status, "Three small functions" in text) == (200, True)
        assert policy.startswith("default-src 'none';")
        assert get(f"{address}tiny/none.1.html")[0] == 200
        assert get(f"{address}tiny/none.1@all.2.html")[0] == 200
        assert get(f"{address}static/view.css")[0] == 200
        assert get(f"{address}static/pages.py")[0] == 404
        assert get(f"{address}report.html")[0] == 200
        assert get(f"{address}tiny/nothing.1.html")[0] == 404
        assert get(address, host="evil.example")[0] == 400
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=PATIENCE_SECONDS)
    assert (running.returncode, out, err) == (0, "", "")


@pytest.mark.thorough
def test_a_cell_that_cannot_be_replayed_says_why(accepted: Bench) -> None:
    """On its page, with the command that mends it; the others are shown."""
    accepted()
    accepted.house.cassette(2).unlink()
    with served(accepted.house.path) as (address, _):
        _, text, _ = get(f"{address}tiny/none.2.html")
        assert "COULD NOT RUN" in text
        assert "flagbench record scenarios/tiny.yaml" in text
        assert "COULD NOT RUN" not in get(f"{address}tiny/none.1.html")[1]


@pytest.mark.thorough
def test_wrong_input_is_an_error_before_anything_is_served(accepted: Bench) -> None:
    """No run yet, no scenarios, a port that is taken."""

    def view(*options: str) -> tuple[int, str]:
        done = subprocess.run(
            [FLAGBENCH, "view", "--no-browser", *options], cwd=accepted.house.path,
            capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS,
        )  # fmt: skip
        return done.returncode, done.stderr

    code, told = view()
    assert (code, "no run" in told, "fix: flagbench run" in told) == (2, True, True)
    accepted()
    (accepted.house.path / "empty").mkdir()
    code, told = view("empty")
    assert (code, "no scenarios" in told) == (2, True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, told = view("--port", str(taken.getsockname()[1]))
    assert (code, "cannot listen" in told) == (3, True)


@pytest.mark.thorough
def test_an_export_from_the_command_line(accepted: Bench) -> None:
    """Into a folder with a blank in its name."""
    accepted()
    done = subprocess.run(
        [FLAGBENCH, "view", "--export", "my site"], cwd=accepted.house.path,
        capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("open my site/index.html\n")
    assert (accepted.house.path / "my site" / "tiny" / "none.1.html").exists()


@pytest.mark.parametrize("word", ["--export", "--results"])
def test_help_names_the_options(word: str) -> None:
    """And needs no run."""
    done = subprocess.run([FLAGBENCH, "view", "--help"], capture_output=True, text=True, check=True)
    assert word in done.stdout


def test_without_its_extra_it_is_one_error(tmp_path: Path) -> None:
    """What is missing, and the command that installs it."""
    code = (
        "import sys; sys.modules['pygments'] = None; sys.argv = ['flagbench', 'view']\n"
        "from flagbench.cli.main import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        "flagbench: flagbench view needs pygments, not installed here\n"
        "    fix: pip install 'flagbench[view]'\n"
    )
