"""The `flagbench` command: what it says, and how it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from house import EXAMPLES, House
from scripted_provider import Answer, in_words, scripted_provider

from harness import cli, journal, tape_file

Command = Callable[..., tuple[int, str]]


@pytest.fixture
def command(
    house: House, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Command:
    """Runs `flagbench` with these arguments in the house: its exit code, and what it said."""
    monkeypatch.chdir(house.path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    # Loading the vocabulary takes longer than most commands.
    for room in ("record_command", "provider.server"):
        monkeypatch.setattr(f"harness.{room}.o200k_base", lambda: house.counter._encoding)
    before = signal.getsignal(signal.SIGTERM)

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["flagbench", *arguments])
        try:
            cli.main()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        finally:
            signal.signal(signal.SIGTERM, before)
        captured = capfd.readouterr()
        return code, captured.out + captured.err

    return run


def test_nothing_is_missing(command: Command) -> None:
    """It says so and asks nobody."""
    assert command("record", "scenarios/tiny.yaml") == (
        0, "scenarios/tiny.yaml: 0 requests, about 0 tokens to record\n",
    )  # fmt: skip


def test_the_embedded_provider_records_what_is_missing(command: Command, house: House) -> None:
    """From a folder of scenarios, without asking whether to pay; then nothing is missing."""
    for one in house.cassettes.rglob("*.yaml"):
        one.unlink()
    code, told = command("record", "scenarios")
    assert code == 0
    first, last = filter(None, told.splitlines())
    assert first.startswith("scenarios/tiny.yaml: 12 requests, about ")
    assert last.startswith("scenarios/tiny.yaml: recorded 12 requests, about ")
    assert command("record", "scenarios")[1].startswith("scenarios/tiny.yaml: 0 requests")
    before = {one: one.read_bytes() for one in house.cassettes.rglob("*.yaml")}
    assert command("record", "scenarios", "--fresh")[0] == 0
    assert {one: one.read_bytes() for one in house.cassettes.rglob("*.yaml")} == before


def test_a_real_provider_is_asked_after_the_forecast(
    command: Command, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the key of the environment; its cassettes have their own folder."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-environment-key")
    with scripted_provider() as provider:
        endpoint = ["--provider", "scripted", "--base-url", provider.base_url]
        code, told = command("record", "scenarios", *endpoint, "--trials", "1")
        assert (code, provider.received) == (2, [])
        assert "recording would be paid for" in told
        assert "right would be: --yes where nobody can answer" in told
        code, told = command("record", "scenarios", *endpoint, "--trials", "1", "--yes")
    assert code == 0
    assert "scenarios/tiny.yaml: 6 requests, about " in told
    assert {one.headers["authorization"] for one in provider.received} == {
        "Bearer sk-environment-key"
    }
    written = (house.cassettes / "scripted" / "tiny" / "1.yaml").read_text()
    assert "sk-environment-key" not in written
    assert "settings" not in written


def test_only_some_combinations_of_another_model(command: Command, house: House) -> None:
    """The control is recorded with them."""
    with scripted_provider() as provider, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", "some-key")
        code, _ = command(
            "record", "scenarios/tiny.yaml", "--provider", "scripted", "--base-url",
            provider.base_url, "--combination", "parallel", "--model", "other", "--trials", "1",
            "--yes", "--cassettes", "elsewhere",
        )  # fmt: skip
    assert code == 0
    assert len(provider.received) == 3
    assert {one.body["model"] for one in provider.received} == {"other"}
    assert (house.path / "elsewhere" / "scripted" / "tiny" / "1.yaml").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("record",), "Missing argument 'PATHS...'"),
        (("record", "missing.yaml"), "'missing.yaml' does not exist"),
        (("record", "empty"), "flagbench: empty: no scenario files"),
        (("record", "scenarios", "--trials", "0"), "0 is not in the range"),
        (("record", "scenarios", "--design", "ful"), "'ful' is not one of"),
        (("record", "scenarios", "--combination", "shrt"), "did you mean 'short'?"),
        (("record", "scenarios", "--provider", "openai"), "provider openai has no embedded server"),
        (("record", "scenarios", "--base-url", "http://x"), "without the name of its provider"),
        (
            ("record", "scenarios", "--base-url", "http://x", "--provider", "openai"),
            "OPENAI_API_KEY is not set",
        ),
        (("provider", "--set", "rate_limit"), "--set rate_limit"),
        (("provider", "--set", "rate_limt=1"), "--set rate_limt: Extra inputs are not permitted"),
        (("provider", "--set", "rate_limit=7"), "--set rate_limit: Input should be less than"),
        (("recrod",), "No such command 'recrod'"),
    ],
)
def test_wrong_usage_is_one_clear_message_and_2(
    command: Command, house: House, arguments: tuple[str, ...], told: str
) -> None:
    """Never a traceback."""
    (house.path / "empty").mkdir()
    code, said = command(*arguments)
    assert code == 2
    assert told in said
    assert "Traceback" not in said


def test_a_wrong_scenario_is_2_with_all_its_problems(command: Command, house: House) -> None:
    """Before anything is asked."""
    house.edit("trials: 2", "trails: 2\nmodle: x")
    code, said = command("record", "scenarios")
    assert code == 2
    assert "flagbench: scenarios/tiny.yaml:4: unknown key 'trails'" in said
    assert "scenarios/tiny.yaml:5: unknown key 'modle'" in said


def test_a_provider_that_refuses_is_3(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """One message with what to check, and no key in it."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-wrong-0123456789")
    script = lambda _: Answer("no key sk-wrong-0123456789", status=401)  # noqa: E731
    with scripted_provider(script) as provider:
        code, said = command(
            "record", "scenarios", "--provider", "p", "--base-url", provider.base_url, "--yes"
        )
    assert code == 3
    assert "the provider answered 401: the key was refused" in said
    assert "sk-wrong" not in said


def test_an_endpoint_that_is_not_there_is_3(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As any provider that gives no answer."""
    monkeypatch.setenv("OPENAI_API_KEY", "some-key")
    code, said = command(
        "record", "scenarios", "--provider", "p", "--base-url", "http://127.0.0.1:9/v1", "--yes"
    )
    assert code == 3
    assert "the provider gave no whole answer: ConnectError" in said


def test_a_damaged_cassette_is_3(command: Command, house: House) -> None:
    """It is never recorded over."""
    house.cassette().write_text("half")
    code, said = command("record", "scenarios")
    assert code == 3
    assert "restore the file from version control" in said
    assert house.cassette().read_text() == "half"


def test_help_and_version(command: Command) -> None:
    """Every command explains itself."""
    for arguments in ((), ("record",), ("provider",)):
        code, said = command(*arguments, "--help")
        assert code == 0
        assert said.startswith("Usage: ")
    code, said = command("--version")
    assert code == 0
    assert ", version " in said


def test_a_folders_yml_files_are_recorded_too(command: Command, house: House) -> None:
    """What `pytest scenarios` runs, `flagbench record scenarios` records."""
    house.scenario_file.rename(house.scenario_file.with_name("other.yml"))
    assert "scenarios/other.yml: 12 requests" in command("record", "scenarios")[1]


def test_the_forecast_leaves_out_what_a_journal_holds(command: Command, house: House) -> None:
    """It was paid for by the recording that was killed."""
    tape = tape_file.load(house.cassette(), record_command="")
    house.cassette().unlink()
    for one in tape.interactions[:4]:
        journal.append(house.cassette(), one)
    assert "scenarios/tiny.yaml: 2 requests" in command("record", "scenarios")[1]


class Recorder:
    """A `flagbench record` of its own process, against a scripted provider."""

    def __init__(self, house: House, base_url: str) -> None:
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "harness_main", "record", "scenarios",
                "--provider", "scripted", "--base-url", base_url, "--yes", "--trials", "1",
            ],
            cwd=house.path,
            env={
                **os.environ, "OPENAI_API_KEY": "some-key",
                "PYTHONPATH": os.pathsep.join([str(EXAMPLES), str(house.path)]),
            },
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def ended(self) -> tuple[int, str]:
        """Its exit code and what it said."""
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said


@pytest.fixture
def recorder(empty_house: House) -> Iterator[Callable[[str], Recorder]]:
    """Starts recorders, and ends those that a test left."""
    (empty_house.path / "harness_main.py").write_text("from harness.cli import main\nmain()\n")
    started: list[Recorder] = []

    def start(base_url: str) -> Recorder:
        started.append(Recorder(empty_house, base_url))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.communicate()


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until it holds, at most twenty seconds."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_recording_that_is_ended_keeps_what_was_answered(
    recorder: Callable[[str], Recorder], empty_house: House, how: signal.Signals
) -> None:
    """Killed, by Ctrl-C or politely, in its fourth request: the next run asks for the rest."""
    path = empty_house.cassettes / "scripted" / "tiny" / "1.yaml"
    slow = lambda asked: (  # noqa: E731
        in_words(asked) if asked.number <= 3 else Answer(hangs=True)
    )
    with scripted_provider(slow) as provider:
        running = recorder(provider.base_url)
        wait_for(lambda: len(provider.received) == 4)
        running.process.send_signal(how)
        if how == signal.SIGINT:
            time.sleep(0.2)
            running.process.send_signal(how)
        code, said = running.ended()
    if how == signal.SIGKILL:
        assert code == -9
        assert not path.exists()
        assert len(journal.read(path)) == 3
    else:
        assert code == 130
        assert "interrupted; what was answered is kept" in said
        assert "Traceback" not in said
        assert len(tape_file.load(path, record_command="").interactions) == 3
    scenario = replace(empty_house.scenario, provider="scripted")
    with scripted_provider() as provider:
        empty_house.record(provider.base_url, scenario=scenario, trials=1)
    assert len(provider.received) == 3
    assert len(tape_file.load(path, record_command="").interactions) == 6
    assert list(path.parent.iterdir()) == [path]
