"""The recordings in the repository stay valid: the provider gives each answer again, to the byte.

`python tests/harness/simulator/test_simulator_recorded.py` replays every request of every cassette;
the test replays a sample.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from flagbench.cassette.cassette import Cassette
from flagbench.cassette.file import load
from flagbench.headers import ELAPSED
from flagbench.simulator.completion import SimulatedProvider
from flagbench.simulator.settings import ProviderSettings
from flagbench.tokenizer import o200k_counter

CASSETTES = Path(__file__).parents[3] / "cassettes" / "simulated"
SAMPLE = ("student/1", "relations/2", "sloppy-provider/1", "flaky-provider/3", "large-entity/1",
          "django-shop/1", "django-recovery/2", "django-slips/5",
          "enterprise-shop/1")  # fmt: skip
SCRUBBED = ("id", "system_fingerprint")


def differences(cassette: Cassette, every: int = 1) -> Iterator[str]:
    """What the provider answers otherwise than it was recorded, of each `every`-th request."""
    settings = ProviderSettings.model_validate(cassette.metadata["settings"])
    provider = SimulatedProvider(settings, o200k_counter().count)
    asked: Counter[str] = Counter()
    for number, one in enumerate(cassette.interactions):
        asked[one.key] += 1
        if number % every:
            continue
        body = json.loads(one.request_body)
        answer = provider.answer(body, int(cassette.metadata["trial"]), asked[one.key])
        then, now = json.loads(one.response_body), json.loads(json.dumps(answer.body))
        for name in SCRUBBED:
            then.pop(name, None), now.pop(name, None)
        same = (then, one.status) == (now, answer.status)
        if not same or f"{one.elapsed_seconds * 1000:.3f}" != answer.headers[ELAPSED]:
            yield f"{cassette.path}: interaction {number + 1}: {str(now)[:200]}"


def _cassette(path: Path) -> Cassette:
    return load(path, record_command="flagbench record")


@pytest.mark.parametrize("name", SAMPLE)
def test_recorded_answers_come_again(name: str) -> None:
    """Each fifth request of some cassettes, with the settings and the trial of its recording."""
    path = CASSETTES / f"{name}.yaml"
    assert list(differences(_cassette(path), every=5)) == []


if __name__ == "__main__":
    total = 0
    for path in sorted(CASSETTES.glob("*/*.yaml")):
        cassette = _cassette(path)
        found = list(differences(cassette))
        total += len(found)
        sys.stdout.write(f"{path}: {len(cassette.interactions)} asked, {len(found)} differ\n")
        sys.stdout.writelines(f"  {line}\n" for line in found[:3])
    sys.exit(bool(total))
