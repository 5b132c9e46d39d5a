"""Prompts of recorded calls, now and as a commit has them."""

import pytest
from house import House

from flagbench import git
from flagbench.cassette import file, prompts
from flagbench.cassette.cassette import Cassette


def cassette_of(house: House) -> Cassette:
    """The first trial's."""
    return file.load(house.cassette(), record_command="")


def test_a_prompt_is_found_by_how_its_digest_begins(house: House) -> None:
    """As lines, with who speaks."""
    cassette = cassette_of(house)
    lines = prompts.prompt_of(cassette, cassette.interactions[3].key[:16])
    assert lines[:2] == ['model: "gpt-4o-mini"', "[user]"]
    assert lines[2].startswith("Write Python: ")


def test_a_prompt_that_was_never_recorded(house: House) -> None:
    """The digest is named."""
    with pytest.raises(LookupError, match="no recorded request has the digest 00ff"):
        prompts.prompt_of(cassette_of(house), "00ff")


def test_a_prompt_that_only_a_commit_has(house: House) -> None:
    """The commit that last changed the accepted file is asked, not the last one of all."""
    cassette = cassette_of(house)
    accepted = house.path / "baselines" / "tiny.steps.json"
    accepted.parent.mkdir()
    accepted.write_text("1")
    house.commit("accepted")
    house.cassette().write_text("not a cassette")
    house.commit("recorded again")
    empty = Cassette.of(house.cassette(), {}, ())
    digest = cassette.interactions[0].key[:16]
    assert prompts.accepted_prompt_of(empty, digest, accepted) == prompts.prompt_of(
        cassette, digest
    )
    with pytest.raises(LookupError, match="no recorded request"):
        prompts.accepted_prompt_of(empty, "00ff", accepted)


def test_a_commit_whose_cassette_is_none(house: House) -> None:
    """It is told, and raises nothing else."""
    accepted = house.path / "steps.json"
    accepted.write_text("1")
    house.cassette().write_text("not a cassette")
    house.commit("accepted")
    with pytest.raises(LookupError, match=r"the cassette of commit .* not a whole cassette"):
        prompts.accepted_prompt_of(Cassette.of(house.cassette(), {}, ()), "00ff", accepted)


def test_a_file_that_no_commit_has(house: House) -> None:
    """A repository without it, and a folder without a repository."""
    path = house.path / "steps.json"
    with pytest.raises(LookupError, match="not a git repository"):
        git.last_change(path)
    house.commit("first")
    with pytest.raises(LookupError, match=r"no commit has .*steps\.json"):
        git.last_change(path)


def test_a_machine_without_git(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is remembered, and that is said."""
    monkeypatch.setenv("PATH", str(house.path))
    with pytest.raises(LookupError, match="git is not installed"):
        git.show("HEAD:./a", house.path)
