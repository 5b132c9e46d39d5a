"""Words in codes, moments in their forms, and tokens that were altered."""

import base64
import gzip
import json
import subprocess
import sys
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flagbench.acceptance.enterprise.moments import is_between, seconds_of
from flagbench.acceptance.enterprise.tokens import wrong_tokens
from flagbench.acceptance.enterprise.traces import forms, reveals, texts_of_rows
from flagbench.acceptance.probe import database
from flagbench.acceptance.probe_client import ProbeClient

TEXT = "w12ab34cd56ef é'\" w98ff76ee54dd"
SALTED = b"0123456" + TEXT.encode() + b"\0" * 9


CODES = {
    "the text": TEXT,
    "capitals": TEXT.upper(),
    "base64": f"v1:{base64.b64encode(SALTED).decode()}",
    "base64 for URLs": base64.urlsafe_b64encode(SALTED).decode().rstrip("="),
    "base32": base64.b32encode(SALTED).decode(),
    "hexadecimal": SALTED.hex().upper(),
    "deflate": base64.b64encode(zlib.compress(SALTED)).decode(),
    "gzip, twice base64": base64.b64encode(base64.b64encode(gzip.compress(SALTED))).decode(),
    "backwards": "w98ff76ee54dd"[::-1],
}


@pytest.mark.parametrize("stored", CODES.values(), ids=CODES)
def test_a_code_without_a_key_reveals_a_text(stored: str) -> None:
    """In letters of any case, after other bytes, and within another code."""
    assert reveals(stored, TEXT)
    assert not reveals(stored, "w00aa11bb22cc another")


def test_every_value_of_a_table_is_a_text(tmp_path: Path) -> None:
    """An infinite number too, which JSON does not have."""
    name = str(tmp_path / "app.db")
    database.query(name, "CREATE TABLE rows (value)")
    for value in ("9e999", "x'0aff'", "'word'", "2.5", "NULL"):
        database.query(name, f"INSERT INTO rows VALUES ({value})")  # noqa: S608  the test's own

    class Here:
        def ask(self, command: Mapping[str, Any]) -> Any:
            answer = database.query(name, command["sql"], command.get("values"))
            return json.loads(json.dumps(answer, allow_nan=False))

    texts = texts_of_rows(ProbeClient(Here()), "rows")
    assert texts == ["Inf", "0AFF", "word", "2.5", "None"]


def test_a_word_is_found_wherever_it_begins_in_a_code() -> None:
    """Among the bytes of a file nothing can be decoded."""
    for before in range(6):
        coded = base64.b64encode(bytes(range(before)) + b"w12ab34cd56ef tail").decode()
        assert any(form in coded for form in forms("w12ab34cd56ef"))


@pytest.mark.parametrize(
    "value",
    [
        1800000000.25,
        "1800000000.25",
        1800000000250,
        "2027-01-15T08:00:00.250+00:00",
        "2027-01-15T08:00:00.250Z",
        "2027-01-15 08:00:00.250",
        "2027-01-15T10:00:00.250+02:00",
        "Fri, 15 Jan 2027 08:00:00 GMT",
        "2027-01-15 08:00:00 UTC",
        "2027-01-15T08:00:00",
    ],
)
def test_a_moment_is_known_in_its_forms(value: object) -> None:
    """Where it has whole seconds, the rest may be lost."""
    assert is_between(value, 1800000000.2, 1800000000.3)
    assert not is_between(value, 1800000009.2, 1800000009.3)


@pytest.mark.parametrize("value", ["today", "", None, True, [], "2027-01-15"])
def test_other_values_are_not_the_moment(value: object) -> None:
    """A day is none either, but for its first second."""
    assert not is_between(value, 1800000000.2, 1800000000.3)
    assert seconds_of("today") is None


def test_each_altered_token_differs() -> None:
    """For tokens of any form; padding does not count as a part of the signature."""
    for token in ("header.body.c2lnbmF0dXJl", "abcdefgh", "name:c2lnbmF0dXI="):
        altered = wrong_tokens(token).values()
        assert token not in altered
        assert token.rstrip("=") not in altered
    assert "header.body" in wrong_tokens("header.body.c2lnbmF0dXJl").values()
    assert "header.body." in wrong_tokens("header.body.c2lnbmF0dXJl").values()


def test_a_clock_is_ahead_in_every_form() -> None:
    """The class of moments stays the same one."""
    program = """
import datetime, time
kind = datetime.datetime
from flagbench.acceptance.probe.clock import put_ahead
put_ahead(4200)
assert datetime.datetime is kind and type(kind.now()) is kind
print(time.time(), time.time_ns() / 1e9, kind.now(datetime.UTC).timestamp(),
      kind.now().timestamp(), kind.utcnow().replace(tzinfo=datetime.UTC).timestamp(),
      time.mktime(time.localtime()))
"""
    before = datetime.now(UTC).timestamp()
    printed = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=True
    ).stdout
    after = datetime.now(UTC).timestamp()
    for seconds in map(float, printed.split()):
        assert before + 4199 <= seconds <= after + 4200
