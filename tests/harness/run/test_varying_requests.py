"""Requests that vary, under the rules of `match`: recorded, replayed, proposed, restored."""

import re
import textwrap
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import pytest
from house import House
from scripted_provider import Answer, scripted_provider
from varying import lay_out, record_varying, replayed

from flagbench.cassette import file
from flagbench.errors import CouldNotRun, NotRecorded
from flagbench.measurement import results
from flagbench.measurement.cell_result import Normalised
from flagbench.report.text import match_remark, token_remark
from flagbench.verdict.verdict import Outcome

Module = Callable[[str], str]
# What varies in each run -> a body that sends it.
VARIES = {
    "a date": "ask(f'It is {day}T03:05:03Z. Write Python: x')",
    "a date in words": "ask(f'It is Sun, {day[8:]} Nov 2026 03:05:03 GMT. Write Python: x')",
    "a uuid": "ask(f'Your id is {own}. Write Python: x')",
    "a path": "ask(f'See /tmp/run-{number}/main.py. Write Python: x')",
    "an id": "ask(f'This is call_{number:024x}. Write Python: x')",
    "a number": "ask('Write Python: x', seed=1732849200 + number)",
    "a date and a uuid": "ask(f'It is {day}, {own}. Write Python: x')",
    "metadata": "ask('Write Python: x', metadata={'at': day})",
}


def proposed(error: CouldNotRun) -> str:
    """The YAML lines in an error's fix."""
    lines = error.problems[0].fix.splitlines()
    assert lines[0].startswith("add to the scenario"), error.problems[0].fix
    return textwrap.dedent("\n".join(lines[1:-1])) + "\n"


@pytest.mark.parametrize("body", VARIES.values(), ids=VARIES)
def test_the_lines_of_the_error_are_all_that_is_missing(
    empty_house: House, subject_module: Module, body: str, request: pytest.FixtureRequest
) -> None:
    """Recorded, refused, and replayed with exactly the proposed lines; nothing is recorded."""
    lay_out(empty_house, subject_module, body)
    with scripted_provider() as provider:
        record_varying(empty_house, provider.base_url)
    before = empty_house.cassette().read_bytes()
    with pytest.raises(NotRecorded) as refused:
        replayed(empty_house)
    with empty_house.scenario_file.open("a") as stream:
        stream.write(proposed(refused.value))
    assert replayed(empty_house).measurement.calls == 1
    assert empty_house.cassette().read_bytes() == before
    if "uuid" in request.node.name:
        empty_house.accept()
        scenario = empty_house.scenario
        series = empty_house.runner().series(scenario, scenario.control)
        assert series.verdict.outcome == Outcome.KEPT


def test_a_proposal_adds_to_the_rules_that_are_there(
    empty_house: House, subject_module: Module
) -> None:
    """The items alone; with them the scenario has both rules."""
    lay_out(
        empty_house, subject_module, VARIES["a date and a uuid"],
        "match:\n  - {use: dates, where: '$.messages[*].content'}\n",
    )  # fmt: skip
    with scripted_provider() as provider:
        record_varying(empty_house, provider.base_url)
    with pytest.raises(NotRecorded) as refused:
        replayed(empty_house)
    lines = proposed(refused.value)
    assert lines == '- {use: uuids, where: "$.messages[*].content"}\n'
    with empty_house.scenario_file.open("a") as stream:
        stream.write(textwrap.indent(lines, "  "))
    assert replayed(empty_house).measurement.calls == 1


def test_no_rule_is_proposed_for_other_words(empty_house: House, subject_module: Module) -> None:
    """A date that varies beside a word that varies is not explained by dates."""
    body = "ask(f'It is {day}. Write Python: {\"abcdefg\"[number % 7]}')"
    lay_out(empty_house, subject_module, body)
    with scripted_provider() as provider:
        record_varying(empty_house, provider.base_url)
    with pytest.raises(NotRecorded) as refused:
        replayed(empty_house)
    assert refused.value.problems[0].fix.startswith("flagbench record")


def test_a_combination_shares_the_recording_and_the_cassette_has_what_was_sent(
    empty_house: House, subject_module: Module
) -> None:
    """One call for two combinations; without the rule two."""
    with scripted_provider() as provider:
        lay_out(empty_house, subject_module, VARIES["a date"], "match: [{use: dates}]\n")
        assert empty_house.record(provider.base_url).requests == 1
        assert empty_house.record(provider.base_url).requests == 0  # continued, by the same rule
        assert re.search(r"It is 2026-11-\d\dT03:05:03Z", provider.prompts[0])
        assert provider.prompts[0] in empty_house.cassette().read_text()
        lay_out(empty_house, subject_module, VARIES["a date"])
        record_varying(empty_house, provider.base_url, fresh=True)
        assert len(provider.prompts) == 3


def test_requests_that_a_rule_makes_equal_are_answered_in_recorded_order(
    empty_house: House, subject_module: Module
) -> None:
    """Two prompts of two dates, each with its own answer: first the first, then the second."""
    body = """
answers = [
    ask(f'It is 2026-11-{(number + n) % 28 + 1:02d}. Write Python: x').choices[0].message.content
    for n in (3, 9)
]
return {"answers.json": json.dumps(answers)}
"""
    lay_out(empty_house, subject_module, body, "match: [{use: dates}]\n")
    script = [Answer(content="first"), Answer(content="second")]
    with scripted_provider(lambda asked: script[(asked.number - 1) % 2]) as provider:
        empty_house.record(provider.base_url)
    for _ in range(2):
        assert '["first", "second"]' in replayed(empty_house).texts.values()


@pytest.mark.parametrize("restore", [True, False])
def test_a_rule_puts_back_what_it_replaced(
    empty_house: House, subject_module: Module, restore: bool
) -> None:
    """The answer repeats the uuid of the request: that of this run, or else the recorded one."""
    body = """
said = ask(f'Your id is {own}. Write Python: x').choices[0].message.content
return {"same.txt": str(own in said)}
"""
    lay_out(
        empty_house, subject_module, body,
        f"match: [{{use: uuids, restore: {str(restore).lower()}}}]\n",
    )  # fmt: skip

    with scripted_provider(lambda asked: Answer(content=f"I heard: {asked.prompt}")) as provider:
        (empty_house.record if restore else partial(record_varying, empty_house))(provider.base_url)
    assert set(replayed(empty_house).texts.values()) == {str(restore)}


def test_other_rules_need_no_other_recording(empty_house: House, subject_module: Module) -> None:
    """A pattern of one's own, then a built-in rule, then one for a place: over one cassette."""
    lay_out(empty_house, subject_module, VARIES["a date"], "match: [{use: dates}]\n")
    with scripted_provider() as provider:
        empty_house.record(provider.base_url)
    before = empty_house.cassette().read_bytes()
    for new in (
        "{pattern: '2026-[0-9T:Z-]+', name: now}",
        "{use: dates, where: '$.messages[1].content'}",
        "{use: dates, where: $..content}",
    ):
        text = empty_house.scenario_file.read_text()
        empty_house.write(re.sub(r"match: \[.*\]", f"match: [{new}]", text))
        assert replayed(empty_house).measurement.calls == 1
    assert empty_house.cassette().read_bytes() == before
    empty_house.write(re.sub(r"match: .*", "match: [{use: dates, where: '$.tools'}]", text))
    with pytest.raises(NotRecorded):
        replayed(empty_house)


def test_what_was_replaced_is_in_row_trace_and_verdict(
    empty_house: House, subject_module: Module
) -> None:
    """Places and requests by rule; a rule that matched nothing is a warning."""
    body = """
for words in ('It is 2026-11-28, or 2026-11-29', 'It is 2026-11-30', 'It is late'):
    ask(words)
"""
    lay_out(empty_house, subject_module, body, "match: [{use: dates}, {use: uuids}]\n")
    with scripted_provider() as provider:
        empty_house.record(provider.base_url)
    cell = replayed(empty_house)
    row = cell.measurement
    assert row.normalised == {"use: dates": Normalised(3, 2), "use: uuids": Normalised(0, 0)}
    assert token_remark.remark([row, row]).endswith("normalised use: dates: 6 places in 4 requests")
    assert match_remark.unused_rules([row]) == ["match: the rule (use: uuids) matched nothing"]
    details = sorted(step.detail for step in cell.trace.steps)
    assert details == ["", "normalised: 1 of use: dates", "normalised: 2 of use: dates"]
    assert results.from_row(row.row()) == row


def test_a_catastrophic_pattern_ends_the_cell(empty_house: House, subject_module: Module) -> None:
    """Bounded CPU time, and an error that names the rule."""
    lay_out(empty_house, subject_module, "ask('a' * 60 + '!')")
    with scripted_provider() as provider:
        empty_house.record(provider.base_url)
    with empty_house.scenario_file.open("a") as stream:
        stream.write("match: [{pattern: '(a|aa|a?a)+$', name: slow}]\n")
    with pytest.raises(CouldNotRun, match=r"name: slow.* takes more than 1 s"):
        replayed(empty_house)


def test_the_parts_of_an_upload_are_normalised(empty_house: House, subject_module: Module) -> None:
    """Its boundary, which depends on the content, does not matter; another file does."""
    body = """
kind = os.environ.get("OTHER_FILE", "pdf")
files = {"file": (f"report-{day}.txt", f"made {day}, {kind}")}
httpx.post(os.environ["OPENAI_BASE_URL"] + "/files", files=files)
"""
    from served_api import served_api

    lay_out(empty_house, subject_module, body, "match: [{use: dates}]\n")
    with served_api("/v1") as api:
        empty_house.record(api.base_url)
        assert len(api.received) == 1  # the other combination sent what matches it
    row = replayed(empty_house).measurement
    assert (row.calls, row.normalised["use: dates"]) == (1, Normalised(2, 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTHER_FILE", "png")
        with pytest.raises(NotRecorded):
            replayed(empty_house)


def test_the_digests_of_a_cassette_do_not_depend_on_rules(
    empty_house: House, subject_module: Module
) -> None:
    """Also where a rule makes requests equal: written and read under any rules."""
    body = "for n in (1, 2): ask(f'It is 2026-11-0{n}')"
    digests = []
    for more in ("", "match: [{use: dates}]\n"):
        lay_out(empty_house, subject_module, body, more)
        with scripted_provider() as provider:
            empty_house.record(provider.base_url, fresh=True)
        loaded = file.load(empty_house.cassette(), record_command="")
        digests += [loaded.digest, loaded.matched_by(empty_house.scenario.match).digest]
        assert "match" not in str(loaded.metadata)
    assert all(one == other for one, other in pairwise(digests))
