"""The recognition cache: keys, two tiers, versions, damage, bounds and several processes."""

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from patience import PATIENCE_SECONDS
from scripted import STUDENT, Heard

from flagbench_generators.crud.recognition_cache import FILE_NAME, RecognitionCache, key_of
from flagbench_generators.crud.spec import Recognition
from flagbench_generators.kernel import events

FOUND = Recognition.model_validate_json(STUDENT)
WORDS = "Add a Student with name and email"


def open_again(folder: Path, *, version: str = "v1", max_size: int = 1000) -> RecognitionCache:
    """A cache as another run of the program would open it."""
    return RecognitionCache(folder, version, max_size=max_size)


@pytest.mark.parametrize(
    "other",
    ["add students with names and emails", "Please add the Student, with a name and an email!",
     "ADD A STUDENT   WITH NAME AND EMAIL"],
)  # fmt: skip
def test_the_same_request_in_other_words_has_the_same_key(other: str) -> None:
    """Case, punctuation, articles, politeness and plurals do not matter."""
    assert key_of(other) == key_of(WORDS)


def test_portuguese_is_lemmatised_too() -> None:
    """The second language of the sessions."""
    assert key_of("Adicione um Estudante com nome") == key_of("adicionar os estudantes com nomes")


@pytest.mark.parametrize(
    ("one", "other"),
    [("relate students to courses", "relate courses to students"),
     ("age must be >= 18", "age must be <= 18"),
     ("price above -5", "price above 5"),
     ("price above 1.5", "price above 15"),
     ("grade is A, B or C", "grade is B or C"),
     ("grade is A or B", "grade is B"),
     ("a Student without email", "a Student with email"),
     ("discount of 10%", "discount of 10")],
)  # fmt: skip
def test_requests_that_differ_in_meaning_have_other_keys(one: str, other: str) -> None:
    """A false hit would build the wrong application; a false miss costs a call."""
    assert key_of(one) != key_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("grade must be A+ or B", "grade must be A or B"), ("add a C++ course", "add a C course")],
)
def test_a_sign_behind_a_word_is_kept(one: str, other: str) -> None:
    """It belongs to the value, as one before a number does."""
    assert key_of(one) != key_of(other)


def test_business_words_are_kept() -> None:
    """Lemmas, not stems: `student`, not `stud`."""
    assert key_of("Students") == "student"


def test_a_miss_a_write_and_two_kinds_of_hit(tmp_path: Path) -> None:
    """Memory first, the file after a restart; each is told."""
    heard, cache = Heard(), open_again(tmp_path)
    assert cache.get(WORDS, heard.trace()) is None
    cache.put(WORDS, FOUND, heard.trace())
    assert cache.get("add students with names and emails", heard.trace()) == FOUND
    cache.close()
    assert open_again(tmp_path).get(WORDS, heard.trace()) == FOUND
    assert [event.name for event in heard] == [
        "cache_miss",
        "cache_write",
        "cache_hit",
        "cache_hit",
    ]
    assert [fields["tier"] for fields in heard.named(events.CACHE_HIT)] == ["memory", "disk"]


def test_another_version_does_not_see_the_entry(tmp_path: Path) -> None:
    """A changed prompt, schema or model starts anew, and both versions live side by side."""
    heard = Heard()
    open_again(tmp_path).put(WORDS, FOUND, heard.trace())
    assert open_again(tmp_path, version="v2").get(WORDS, heard.trace()) is None
    assert open_again(tmp_path).get(WORDS, heard.trace()) == FOUND


def test_the_least_recently_used_entry_goes(tmp_path: Path) -> None:
    """A hit, from memory too, keeps an entry in the file; the clean-up is told."""
    heard, cache = Heard(), open_again(tmp_path, max_size=2)
    cache.put("one", FOUND, heard.trace())
    cache.put("two", FOUND, heard.trace())
    cache.get("one", heard.trace())
    cache.put("three", FOUND, heard.trace())
    cache.close()
    again = open_again(tmp_path, max_size=2)
    left = [words for words in ("one", "two", "three") if again.get(words, heard.trace())]
    assert left == ["one", "three"]
    assert heard.named(events.CACHE_CLEANUP) == [{"removed": 1}]


@pytest.mark.parametrize(
    "damage",
    ["entry = '{}'", "entry = replace(entry, 'Student', 'Teacher')", "sha256 = ''",
     "entry = CAST(x'ff00fe' AS TEXT)", "key = 'teacher'"],
)  # fmt: skip
def test_a_damaged_row_is_told_and_removed(tmp_path: Path, damage: str) -> None:
    """The digest covers key, version and entry; the next look-up is a plain miss."""
    first = open_again(tmp_path)
    first.put("student", FOUND, Heard().trace())
    first.close()
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute(f"UPDATE recognitions SET {damage}")  # noqa: S608  the cases above
    connection.close()
    words = "teacher" if damage.startswith("key") else "student"
    heard = Heard()
    assert open_again(tmp_path).get(words, heard.trace()) is None
    assert [event.name for event in heard] == ["cache_corrupt", "cache_miss"]
    assert open_again(tmp_path).get(words, heard.trace()) is None
    assert [event.name for event in heard][2:] == ["cache_miss"]


def test_a_whole_row_that_is_no_recognition_is_damaged_too(tmp_path: Path) -> None:
    """Another program may write rows with a good digest: what is in them is checked as well."""
    heard, cache = Heard(), open_again(tmp_path)
    cache.put("student", FOUND, heard.trace())
    cache.close()
    entry = '{"intent": "destroy", "entity": "Student"}'
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute(
            "UPDATE recognitions SET entry = ?, sha256 = ?",
            (entry, cache._store._digest(key_of("student"), entry)),
        )
    connection.close()
    heard.clear()
    assert open_again(tmp_path).get("student", heard.trace()) is None
    assert open_again(tmp_path).get("student", heard.trace()) is None
    assert [event.name for event in heard] == ["cache_corrupt", "cache_miss", "cache_miss"]
    assert heard.named(events.CACHE_CORRUPT)[0]["what"] == "row"


@pytest.mark.parametrize(
    ("kept", "asked"),
    [("Add a Student with name", "please add the Students with names"),
     ("Adicione um Estudante com nome", "por favor, adicione os estudantes com nomes"),
     ("Crie um professor que tenha email", "CRIE OS PROFESSORES COM EMAIL!")],
)  # fmt: skip
def test_both_languages_hit_after_a_restart(tmp_path: Path, kept: str, asked: str) -> None:
    """The lemmas of English and of Portuguese are what is looked up in the file."""
    heard, first = Heard(), open_again(tmp_path)
    first.put(kept, FOUND, heard.trace())
    first.close()
    assert open_again(tmp_path).get(asked, heard.trace()) == FOUND
    assert heard.named(events.CACHE_HIT) == [{"key": key_of(kept), "tier": "disk"}]


def test_memory_is_bounded_too(tmp_path: Path) -> None:
    """A session of any length keeps `max_size` recognitions; the oldest comes from no tier."""
    heard, cache = Heard(), open_again(tmp_path, max_size=2)
    for words in ("one", "two", "three"):
        cache.put(words, FOUND, heard.trace())
    assert list(cache._store._memory) == ["two", "three"]
    assert cache.get("one", heard.trace()) is None
    cache.get("two", heard.trace())
    cache.put("four", FOUND, heard.trace())
    assert list(cache._store._memory) == ["two", "four"]  # used is as good as new


def test_what_was_read_from_the_file_is_in_memory_then(tmp_path: Path) -> None:
    """The file is asked once a session for an entry."""
    heard, first = Heard(), open_again(tmp_path)
    first.put(WORDS, FOUND, heard.trace())
    first.close()
    cache = open_again(tmp_path)
    assert cache.get(WORDS, heard.trace()) == cache.get(WORDS, heard.trace()) == FOUND
    assert [fields["tier"] for fields in heard.named(events.CACHE_HIT)] == ["disk", "memory"]


def test_the_folder_is_made(tmp_path: Path) -> None:
    """With those above it, when the first request comes."""
    heard, folder = Heard(), tmp_path / "a" / "b"
    open_again(folder).put(WORDS, FOUND, heard.trace())
    assert [event.name for event in heard] == ["cache_write"]
    assert (folder / FILE_NAME).is_file()


def overwritten(path: Path) -> None:
    """No database at all."""
    path.write_bytes(b"not a database, but long enough to be taken for one " * 40)


def torn(path: Path) -> None:
    """The header is whole, the pages behind it are not."""
    raw = path.read_bytes()
    path.write_bytes(raw[:100] + b"\xee" * (len(raw) - 100))


def foreign(path: Path) -> None:
    """Another program's table of the same name."""
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE recognitions (other TEXT)")
    connection.close()


@pytest.mark.parametrize("damage", [overwritten, torn, foreign])
def test_a_damaged_file_is_told_and_made_anew(tmp_path: Path, damage: object) -> None:
    """Only the entries are lost: the next write and look-up work."""
    first = open_again(tmp_path)
    first.put(WORDS, FOUND, Heard().trace())
    first.close()
    damage(tmp_path / FILE_NAME)  # type: ignore[operator]
    heard, cache = Heard(), open_again(tmp_path)
    assert cache.get(WORDS, heard.trace()) is None
    assert [event.name for event in heard] == ["cache_corrupt", "cache_miss"]
    cache.put(WORDS, FOUND, heard.trace())
    cache.close()
    assert open_again(tmp_path).get(WORDS, heard.trace()) == FOUND


def test_a_file_that_cannot_be_used_costs_only_hits(tmp_path: Path) -> None:
    """A directory in its place is not removed; memory still serves the session."""
    (tmp_path / FILE_NAME).mkdir()
    heard, cache = Heard(), open_again(tmp_path)
    cache.put(WORDS, FOUND, heard.trace())
    assert cache.get(WORDS, heard.trace()) == FOUND
    names = [event.name for event in heard]
    assert names == ["cache_unavailable", "cache_unavailable", "cache_hit"]
    assert (tmp_path / FILE_NAME).is_dir()


def test_a_write_waits_for_another_process(tmp_path: Path) -> None:
    """A lock that is held for a moment costs that moment, and no entry."""
    cache, heard = open_again(tmp_path), Heard()
    cache.put("first", FOUND, heard.trace())
    holder = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.2, holder.execute, ["COMMIT"])
    release.start()
    cache.put("second", FOUND, heard.trace())
    release.join()
    holder.close()
    assert [event.name for event in heard] == ["cache_write", "cache_write"]


WRITER = """
import sys
from pathlib import Path
from flagbench_generators.crud.recognition_cache import RecognitionCache
from flagbench_generators.kernel.events import Trace
from flagbench_generators.crud.spec import Recognition
told = []
found = Recognition.model_validate_json(sys.argv[2])
cache = RecognitionCache(Path(sys.argv[1]), "v1")
for number in range(60):
    cache.put(f"{sys.argv[3]} {number}", found, Trace("r", lambda event: told.append(event.name)))
assert set(told) == {"cache_write"}, told
"""


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    """Neither waits for ever, neither loses a write, nothing is told but writes."""
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), STUDENT, name])
        for name in ("left", "right")
    ]
    assert [writer.wait(timeout=PATIENCE_SECONDS) for writer in writers] == [0, 0]
    cache, heard = open_again(tmp_path), Heard()
    for name in ("left", "right"):
        assert all(cache.get(f"{name} {number}", heard.trace()) for number in range(60))
