"""The working directory of a cell: its path is the same in every request, whatever it is really."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from house import House
from replay import HEAD
from scripted_provider import Answer, Received, scripted_provider

from flagbench.run import workdir
from flagbench.run.workdir import ALIAS, Workdir
from flagbench.scenario.loading import Scenario


def test_a_prompt_with_the_folder_is_the_same_in_recording_and_replay(
    house: House,
    subject_module: Callable[[str], str],
) -> None:
    """As it is, resolved, in JSON and in a URL; the answer has the real path again."""
    body = f"""
import json, os
words = [f"{{workdir}}", os.path.realpath(workdir), workdir.as_uri()]
words += [json.dumps(str(workdir / "x"))]
text = ""
for word in words:
    answer = await ask(client, "Write Python: in " + word)
    text += answer.choices[0].message.content
assert str(workdir) in text and "{ALIAS}" not in text, text
assert str(workdir) != "{ALIAS}/workdir"
listener(Happened("made", "r", {{"where": [str(workdir)]}}))
return Made([File("code", str(workdir / "a.py"), text, True, "r")], {{}})
"""
    prompts: list[str] = []

    def echo(received: Received) -> Answer:
        prompts.append(received.prompt)
        return Answer(content=f"# {received.prompt}")

    scenario = _scenario(house, subject_module, body)
    with scripted_provider(echo) as provider:
        house.record(provider.base_url, scenario=scenario)
    assert len(prompts) == 4 * scenario.trials
    assert len(set(prompts)) == 3
    assert all(f"{ALIAS}/workdir" in prompt for prompt in prompts)
    rows = [
        house.runner().cell_runner.cell(scenario, scenario.control, 1).measurement.row()
        for _ in range(3)
    ]
    assert rows[0] == rows[1] == rows[2]
    assert rows[0]["artifacts"][0]["path"] == f"{ALIAS}/workdir/a.py"


def _scenario(house: House, subject_module: Callable[[str], str], body: str) -> Scenario:
    lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
    house.edit("tiny.write", subject_module(HEAD + lines))
    factors = "factors: {short: {env: TINY_SHORT}}\ncombinations: [none]\ndesign: named\n"
    house.edit("title:", f"{factors}title:")
    text = house.scenario_file.read_text()
    house.write(text[: text.index("targets:")])
    return house.scenario


@pytest.mark.parametrize(
    "root",
    ["/srv/flagbench-x1", "/srv/prüfung/flagbench-x1", "C:\\Users\\é\\Temp\\flagbench-x1"],
    ids=["posix", "not ascii", "windows"],
)
def test_every_way_to_write_a_path_is_replaced(root: str) -> None:
    """Also JSON within JSON, as in the arguments of a tool."""
    forms = workdir._forms_of(Path(root))
    once = json.dumps({"text": f"in {root} it is"})
    twice = json.dumps({"arguments": once}, ensure_ascii=False)
    for text in (root, once, twice, json.dumps({"arguments": once})):
        for form in forms:
            text = text.replace(form, ALIAS)  # noqa: PLW2901
        assert "flagbench-x1" not in text
        assert ALIAS in text


def test_a_linked_temporary_folder_is_the_same_folder(tmp_path: Path) -> None:
    """`/var` is a link to `/private/var` on macOS."""
    real = tmp_path / "private"
    (real / "cell").mkdir(parents=True)
    (tmp_path / "var").symlink_to(real)
    folder = Workdir(tmp_path / "var" / "cell")
    sent = folder.in_request(f"{folder.path} {folder.path.resolve()}".encode())
    assert sent == f"{ALIAS}/workdir {ALIAS}/workdir".encode()


def test_an_answer_keeps_the_alias_where_no_request_named_the_folder(tmp_path: Path) -> None:
    """A generated text is not touched by chance."""
    folder = Workdir(tmp_path)
    folder.in_request(b"no path")
    assert not folder.is_known


def test_an_outcome_with_the_folder_keeps_what_its_subject_reports(tmp_path: Path) -> None:
    """Else a wrong report would be held against nothing, because a file names the folder."""
    folder = Workdir(tmp_path)
    file = SimpleNamespace(
        kind="code", path=f"{folder.path}/a.py", text="x", approved=True, request_id="1"
    )
    outcome = SimpleNamespace(artifacts=(file,), rates={"a_rate": (1, 2)}, reported={"tokens": 3})
    portable = folder.in_outcome(outcome)
    assert [each.path for each in portable.artifacts] == [f"{ALIAS}/workdir/a.py"]
    assert (portable.rates, portable.reported) == ({"a_rate": (1, 2)}, {"tokens": 3})
