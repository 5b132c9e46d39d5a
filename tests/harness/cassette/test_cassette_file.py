"""Cassettes on disk: whole or refused."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from house import House
from interactions import interaction

from flagbench.cassette import file, journal
from flagbench.cassette.cassette import Cassette
from flagbench.errors import CouldNotRun


@pytest.fixture
def cassette(tmp_path: Path) -> Cassette:
    """A cassette of three calls with texts of several kinds, not yet on disk."""
    return Cassette.of(
        tmp_path / "made" / "1.yaml",
        {"model": "m"},
        [
            interaction("one", "def f():\n    return '🎓'\n", headers={"retry-after": ("2",)}),
            interaction("two", "x" * 300, status=429, reason="Too Many Requests"),
            interaction("one", "again", elapsed_seconds=0.000001),
        ],
    )


@pytest.fixture
def refused(house: House) -> Callable[[str | bytes], str]:
    """Loads a cassette with this content and gives the error's text, its folder cut off."""

    def load(content: str | bytes) -> str:
        path = house.cassette()
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        with pytest.raises(CouldNotRun) as caught:
            file.load(path, record_command="flagbench record x.yaml")
        return str(caught.value).replace(f"{path.parent}/", "")

    return load


def test_a_cassette_comes_back_as_it_was(cassette: Cassette) -> None:
    """Every field of every call, in order; and the metadata."""
    file.save(cassette)
    loaded = file.load(cassette.path, record_command="")
    for was, now in zip(cassette.interactions, loaded.interactions, strict=True):
        assert (was.digest, was.headers, was.reason, was.elapsed_seconds) == (
            now.digest, now.headers, now.reason, now.elapsed_seconds,
        )  # fmt: skip
        assert json.loads(was.response_body) == json.loads(now.response_body)
    assert loaded.metadata == {
        "model": "m", "format": 1, "interactions": 3, "digest": cassette.digest,
    }  # fmt: skip
    assert loaded.digest == cassette.digest
    before = cassette.path.read_bytes()
    file.save(loaded)
    assert cassette.path.read_bytes() == before


def test_an_empty_cassette_is_whole(tmp_path: Path) -> None:
    """A subject may ask nothing at all."""
    file.save(Cassette.of(tmp_path / "1.yaml", {}, ()))
    assert file.load(tmp_path / "1.yaml", record_command="").interactions == []


def test_a_missing_cassette_is_told_with_the_command_that_records_it(tmp_path: Path) -> None:
    """And nothing is created."""
    with pytest.raises(CouldNotRun) as caught:
        file.load(tmp_path / "1.yaml", record_command="flagbench record x.yaml")
    assert str(caught.value) == (
        f"{tmp_path}/1.yaml: this trial has no cassette\n    fix: flagbench record x.yaml"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_cassette_cut_off_anywhere_is_refused_or_plays_the_same(house: House) -> None:
    """Every length of the file: a shorter one is never taken for the whole."""
    path = house.cassette()
    whole = path.read_bytes()
    # One call of the six is enough for every position inside a call; each takes a millisecond.
    cassette = file.load(path, record_command="")
    path.unlink()
    file.save(Cassette.of(path, {}, cassette.interactions[5:]))
    content = path.read_bytes()
    assert len(whole) > len(content) > 500
    taken = []
    for length in range(len(content)):
        path.write_bytes(content[:length])
        try:
            cut = file.load(path, record_command="")
        except CouldNotRun:
            continue
        taken.append(length)
        assert [one.digest for one in cut.interactions] == [
            one.digest for one in cassette.interactions[5:]
        ]
    assert taken == [len(content) - 1]  # only the final newline may be missing


def test_a_cut_between_two_calls_says_how_many_are_left(
    house: House, refused: Callable[..., str]
) -> None:
    """The file is good YAML there; the count gives it away, with the last line."""
    text = house.cassette().read_text()
    cut = text[: [one.start() for one in re.finditer("^- request", text, re.MULTILINE)][4]]
    told = refused(cut)
    assert told.startswith(f"1.yaml:{cut.count(chr(10)) + 1}: truncated: 4 of 6 interactions\n")
    assert "restore the file from version control, or delete it and run: flagbench record x" in told


def test_a_call_that_is_there_twice_says_how_many_are_too_many(
    house: House, refused: Callable[..., str]
) -> None:
    """A merge of two versions may leave a call twice; nothing was cut off."""
    text = house.cassette().read_text()
    last = text[[start.start() for start in re.finditer("^- request", text, re.MULTILINE)][-1] :]
    assert "7 interactions instead of 6\n" in refused(text + last)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("return 26", "return 27", "was edited by hand"),
        ("'1680.000'", "'1.000'", "was edited by hand"),
        ("model: gpt-4o-mini", "model: gpt-4o", "was edited by hand"),
        ("status: *", "status: {code: 500, message: OK} #", "was edited by hand"),
        ("POST", "PUT", "was edited by hand"),
        ("status: *", "status: {code: fine, message: OK} #", "is damaged (ValueError: "),
        *(("'1680.000'", text, "is damaged (ValueError: ") for text in ("soon", "'inf'", "nan")),
        ("'1680.000'", "'-1'", "is damaged (ValueError: a latency of -0.001 s"),
        ("x-flagbench-digest: ", "x-digest: ", "is damaged (KeyError: 'x-flagbench-d"),
        ("http://provider/v1", "http://elsewhere/v1", "was edited by hand"),
    ],
)  # fmt: skip
def test_an_edit_by_hand_is_refused_with_the_line_of_its_call(
    house: House, refused: Callable[..., str], old: str, new: str, what: str
) -> None:
    """The second call is edited: its answer, its latency, its prompt, its status, its address."""
    text = house.cassette().read_text()
    starts = [one.start() for one in re.finditer("^- request", text, re.MULTILINE)]
    head, call, tail = text[: starts[1]], text[starts[1] : starts[2]], text[starts[2] :]
    assert old in call
    told = refused(head + call.replace(old, new, 1) + tail)
    line = head.count("\n") + 1
    assert told.startswith(f"1.yaml:{line}: interaction 2 {what}")


@pytest.mark.parametrize(("old", "new"), [("'2'", "'20'"), ("Too Many Requests", "Calm down")])
def test_an_edit_of_a_header_is_refused_too(cassette: Cassette, old: str, new: str) -> None:
    """`retry-after` makes a subject wait, so it is part of what was measured."""
    file.save(cassette)
    text = cassette.path.read_text()
    assert text.count(old) == 1
    cassette.path.write_text(text.replace(old, new))
    with pytest.raises(CouldNotRun, match="edited by hand"):
        file.load(cassette.path, record_command="")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "not a whole cassette"),
        ("hello\n", "not a whole cassette"),
        ("- a\n- b\n", "not a whole cassette"),
        ("a: [1\nb: 2\n", "not readable as YAML"),
        (b"\xff\xfe", "not a whole cassette .*'utf-8' codec"),
        ("version: 1\ninteractions: []\n", "not a whole cassette .*metadata"),
        ("version: 1\ninteractions:\n", "not a whole cassette"),
        ('{"version": 1, "interactions": [3]}', "not a whole cassette"),
    ],
)
def test_what_is_no_cassette_is_refused(
    refused: Callable[..., str], content: str | bytes, told: str
) -> None:
    """Another file, another tool's cassette, no YAML, no text."""
    assert re.match(rf"1\.yaml:\d+: {told}", refused(content))


@pytest.mark.parametrize(
    "damage", [("model: gpt-4o-mini", "model: gpt\x00"), ("trial: 1", "trial: 2024-99-99")]
)
def test_damage_that_yaml_cannot_place_is_refused_too(
    house: House, refused: Callable[..., str], damage: tuple[str, str]
) -> None:
    """A NUL byte in the file, a date that is none."""
    text = house.cassette().read_text()
    assert refused(text.replace(*damage, 1)).startswith("1.yaml")


def test_a_format_of_another_version_is_refused(house: House, refused: Callable[..., str]) -> None:
    """With both numbers."""
    text = house.cassette().read_text().replace("format: 1", "format: 2")
    assert refused(text).startswith("1.yaml:1: format 2 is unknown, 1 is known\n")


def test_a_refused_cassette_is_left_as_it_was(house: House, refused: Callable[..., str]) -> None:
    """vcrpy would have taken it for an empty one and written over it."""
    refused("hello\n")
    assert house.cassette().read_text() == "hello\n"


def test_saving_a_cassette_leaves_its_journal(cassette: Cassette) -> None:
    """Whoever recorded knows when the answers need not be kept twice."""
    journal.append(cassette.path, cassette.interactions[0])
    file.save(cassette)
    assert journal.read(cassette.path) == cassette.interactions[:1]


def test_a_full_disk_keeps_the_journal_and_says_so(
    cassette: Cassette, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old cassette and the answers that were paid for are still there."""
    file.save(Cassette.of(cassette.path, {}, cassette.interactions[:1]))
    before = cassette.path.read_bytes()
    journal.append(cassette.path, cassette.interactions[1])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(file, "write_whole", full)
    with pytest.raises(CouldNotRun) as caught:
        file.save(cassette)
    assert str(caught.value) == (
        f"{cassette.path}: the cassette could not be written (No space left on device); "
        "the answers that were paid for are in 1.yaml.part\n"
        "    fix: free some disk space and run the same command again: it reads them"
    )
    assert cassette.path.read_bytes() == before
    assert journal.read(cassette.path) == cassette.interactions[1:2]


def test_answers_to_the_same_request_cannot_be_swapped(tmp_path: Path) -> None:
    """Each has its own digest, and their order is part of that of the cassette."""
    first, second, other = interaction("a", "1"), interaction("a", "2"), interaction("b", "3")
    cassette = Cassette.of(tmp_path / "1.yaml", {}, [first, second, other])
    assert Cassette.of(Path("x"), {}, [other, first, second]).digest == cassette.digest
    for edited in ([second, first, other], [first, first, other], [first, other, other]):
        swapped = Cassette.of(cassette.path, {}, edited)
        assert swapped.digest != cassette.digest
        file.save(swapped)
        text = cassette.path.read_text().replace(swapped.digest, cassette.digest)
        cassette.path.write_text(text)
        with pytest.raises(CouldNotRun, match="the digest of all interactions differs"):
            file.load(cassette.path, record_command="")


def test_a_cassette_is_rewritten_without_a_change_of_what_it_holds(cassette: Cassette) -> None:
    """Its digest, which every cell names, stays."""
    file.save(cassette)
    path = cassette.path
    path.write_text(path.read_text().replace("[application/json]", "['application/json']"))
    file.rewrite(path)
    assert "'application/json'" not in path.read_text()
    assert file.load(path, record_command="").digest == cassette.digest


@pytest.mark.parametrize("is_journal", [False, True], ids=["cassette", "journal"])
def test_a_device_is_not_read(tmp_path: Path, is_journal: bool) -> None:
    """It never ends."""
    path = tmp_path / "1.yaml"
    (journal.path_of(path) if is_journal else path).symlink_to("/dev/zero")
    with pytest.raises(CouldNotRun, match=r"cannot be read \(not a regular file"):
        journal.read(path) if is_journal else file.load(path, record_command="")
