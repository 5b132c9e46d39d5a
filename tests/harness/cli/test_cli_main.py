"""The `flagbench` command: what it says, and how it ends."""

import signal
import sys
from collections.abc import Callable

import pytest
from house import House
from scripted_provider import Answer, scripted_provider

from flagbench.cassette import file, journal
from flagbench.cli import main
from flagbench.cli.command_group import Lazy
from flagbench.run.forecast import Forecast

Command = Callable[..., tuple[int, str]]


@pytest.fixture
def command(
    house: House, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Command:
    """Runs `flagbench` with these arguments in the house: its exit code, and what it said."""
    monkeypatch.chdir(house.path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    before = signal.getsignal(signal.SIGTERM)

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["flagbench", *arguments])
        try:
            main.main()
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
        0, "scenarios/tiny.yaml: 0 requests, about 0 tokens, 0.0 minutes to record\n",
    )  # fmt: skip


def test_the_reason_of_a_missing_forecast_is_one_line(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of a request that differs has several."""
    unknown = Forecast(None, "two\n    lines")
    monkeypatch.setattr("flagbench.run.forecast.forecast", lambda *_, **__: unknown)
    _, told = command("record", "scenarios/tiny.yaml")
    assert "(no forecast: two lines)\n" in told


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
        assert "expected: --yes where nobody can answer" in told
        code, told = command("record", "scenarios", *endpoint, "--trials", "1", "--yes")
    assert code == 0
    assert "scenarios/tiny.yaml: 6 requests, about " in told
    assert {one.headers["authorization"] for one in provider.received} == {
        "Bearer sk-environment-key"
    }
    written = (house.cassettes / "scripted" / "tiny" / "1.yaml").read_text()
    assert "sk-environment-key" not in written
    assert "settings" not in written


@pytest.mark.parametrize("more", ["?key=abc-secret", "#abc-secret"])
@pytest.mark.parametrize("host", ["127.0.0.1:1", ""])
def test_an_address_that_no_client_can_join_paths_to(
    command: Command, monkeypatch: pytest.MonkeyPatch, host: str, more: str
) -> None:
    """The paths would follow its query. What is shown of it holds no key."""
    monkeypatch.setenv("OPENAI_API_KEY", "some-key")
    base_url = f"http://me:abc-secret@{host}/v1{more}"
    code, told = command("record", "scenarios", "--provider", "x", "--base-url", base_url, "--yes")
    assert (code, "abc-secret" in told) == (2, False)
    assert f"--base-url: http://{host}/v1" in told
    assert "expected: http(s)://HOST/…, without a query" in told


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
        (("record", "scenarios", "--combination", "shrt"), "expected: 'short'"),
        (("record", "scenarios", "--provider", "openai"), "provider openai has no embedded server"),
        (("record", "scenarios", "--base-url", "http://x"), "without the name of its provider"),
        (
            ("record", "scenarios", "--base-url", "http://x", "--provider", "openai"),
            "OPENAI_API_KEY is not set",
        ),
        (("provider", "--set", "rate_limit"), "--set rate_limit"),
        (
            ("provider", "--set", "rate_limt=1"),
            "--set: unknown key 'rate_limt'\n    expected: rate_limit",
        ),
        (
            ("provider", "--set", "rate_limit=7"),
            "--set: rate_limit is '7'\n    expected: less than or equal to 1",
        ),
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
    assert "the provider answered 401: the API key was rejected" in said
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
    assert "no complete answer from the provider: ConnectError" in said


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


def test_without_arguments_it_says_what_can_be_asked(command: Command) -> None:
    """In ten lines at most, whose commands all exist."""
    code, told = command()
    asked = [line.partition("?")[2].split() for line in told.splitlines() if "?" in line]
    assert (code, len(told.splitlines()) <= 10, len(asked)) == (0, True, 9)
    assert {words[1] for words in asked} <= {*main.COMMANDS, "--help"}


def test_a_folders_yml_files_are_recorded_too(command: Command, house: House) -> None:
    """What `pytest scenarios` runs, `flagbench record scenarios` records."""
    house.scenario_file.rename(house.scenario_file.with_name("other.yml"))
    assert "scenarios/other.yml: 12 requests" in command("record", "scenarios")[1]


def test_the_forecast_leaves_out_what_a_journal_holds(command: Command, house: House) -> None:
    """It was paid for by the recording that was killed."""
    cassette = file.load(house.cassette(), record_command="")
    house.cassette().unlink()
    for one in cassette.interactions[:4]:
        journal.append(house.cassette(), one)
    assert "scenarios/tiny.yaml: 2 requests" in command("record", "scenarios")[1]


@pytest.mark.thorough
def test_the_path_of_a_scenario_is_no_markup(command: Command, house: House) -> None:
    """Recording shows it while it counts, while it records and at the end."""
    path = house.scenario_file.rename(house.path / "scenarios" / "[bold]x.yaml")
    code, told = command("record", str(path.relative_to(house.path)))
    assert code == 0, told
    assert "scenarios/[bold]x.yaml: recorded 12 requests" in told
    (house.path / "[").mkdir()
    closing = house.path / "[" / "x].yaml"
    closing.write_text(path.read_text())
    assert command("record", "[/x].yaml")[0] == 0


def test_an_interrupt_claims_nothing_that_the_command_does_not_say(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most commands record nothing."""

    def load() -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(main.COMMANDS, "plan", Lazy(load, ""))
    code, said = command("plan")
    assert (code, said.strip()) == (130, "flagbench: interrupted")
