"""A series that left its baseline says why, with the line of the prompt."""

import json

from bench import Bench
from scripted_provider import scripted_provider


def test_a_changed_prompt_is_told_down_to_the_line(accepted: Bench) -> None:
    """The scenario asks another thing, is recorded again, and the report shows the difference."""
    house = accepted.house
    accepted("--flagbench-accept-baselines")
    house.commit()
    house.edit("says hello", "says hello to a guest, politely and at length")
    with scripted_provider() as provider:
        house.record(provider.base_url)
    result = accepted("-k", "none")
    result.assert_outcomes(failed=1, deselected=4)
    result.stdout.fnmatch_lines([
        "BROKEN scenarios/tiny.yaml::none",
        "    because: another prompt of writer, generate, request 2 of every trial: +*",
        "        -*a function that says hello",
        "        +*a function that says hello to a guest, politely and at length",
    ])  # fmt: skip


def test_a_baseline_without_steps_says_so(accepted: Bench) -> None:
    """One that was accepted by an earlier version; the verdict stands."""
    house = accepted.house
    document = json.loads(house.baseline.read_text())
    document["series"]["none"]["tokens"]["value"] = 1
    house.baseline.write_text(json.dumps(document))
    house.baseline.with_name("tiny.steps.json").unlink()
    result = accepted("-k", "none")
    result.stdout.fnmatch_lines(
        ["    because: not known: *tiny.steps.json has no accepted trace of this series"]
    )


def test_the_steps_of_a_run_are_accepted_with_it(accepted: Bench) -> None:
    """The same bytes from one process and from two."""
    path = accepted.house.baseline.with_name("tiny.steps.json")
    accepted("--flagbench-accept-baselines")
    alone = path.read_bytes()
    path.unlink()
    done = accepted.apart("scenarios", "--flagbench-accept-baselines", "-n", "2")
    assert done.returncode == 0, done.stdout
    assert path.read_bytes() == alone
