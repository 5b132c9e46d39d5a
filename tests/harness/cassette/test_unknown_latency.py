"""A latency that is unknown: kept as such in cassette and journal, and in no digest of others."""

from dataclasses import replace
from pathlib import Path

import pytest

from flagbench.cassette import file, journal
from flagbench.cassette.cassette import Cassette, Interaction
from flagbench.errors import CouldNotRun
from flagbench.run.counterfactual import Counterfactual, with_latencies

CALL = Interaction(
    "POST", "/v1/chat/completions", b'{"model":"gpt-4o-mini","messages":[]}', 200, "OK",
    {"content-type": ("application/json",)},
    b'{"choices":[{"message":{"content":"four words of it"},"finish_reason":"stop"}]}', None,
)  # fmt: skip


def test_it_stays_unknown_in_files(tmp_path: Path) -> None:
    """Never zero; an edit of it is detected as that of any latency is."""
    path = tmp_path / "1.yaml"
    file.save(Cassette.of(path, {}, [CALL, replace(CALL, elapsed_seconds=0.0)]))
    journal.append(path, CALL)
    read = file.load(path, record_command="").interactions
    assert [call.elapsed_seconds for call in read] == [None, 0.0]
    assert journal.read(path) == [CALL]
    assert CALL.digest != replace(CALL, elapsed_seconds=0.0).digest
    path.write_text(path.read_text().replace("[unknown]", "['250.000']"))
    with pytest.raises(CouldNotRun, match="was edited by hand"):
        file.load(path, record_command="")


@pytest.mark.parametrize(
    ("settings", "seconds"),
    [
        ({"speed": 2.0}, [None, 0.5, None]),
        ({"tokens_per_second": 4.0, "first_token_seconds": 1.0}, [2.0, 2.0, None]),
        ({"tokens_per_second": 4.0}, [2.0, 2.0, None]),
    ],
    ids=["speed", "tokens and first token", "first token of the calls with a latency"],
)
def test_a_counterfactual_gives_time_where_it_says_it(
    settings: dict[str, float], seconds: list[float | None]
) -> None:
    """Another speed of an unknown latency is unknown; a refusal has no tokens to take time."""
    calls = [CALL, replace(CALL, elapsed_seconds=1.0), replace(CALL, status=429)]
    changed = with_latencies(Cassette.of(Path("1.yaml"), {}, calls), Counterfactual(**settings))
    assert [call.elapsed_seconds for call in changed.interactions] == seconds


def test_the_first_token_is_not_fitted_to_nothing() -> None:
    """Without any latency, the time to it must be given."""
    cassette = Cassette.of(Path("1.yaml"), {}, [CALL])
    with pytest.raises(CouldNotRun, match="first_token_seconds as well"):
        with_latencies(cassette, Counterfactual(tokens_per_second=4.0))
