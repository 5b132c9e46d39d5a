"""Rules of `match` and declarations of `services`: what is refused, with its line."""

from pathlib import Path

import pytest
import regex

from flagbench.errors import InputError
from flagbench.scenario import loading
from flagbench.scenario.match_rules import BUILT_IN

BASE = "title: T\nabout: A.\nsubject: tiny.write\nrequests: [one]\n"
SEARCH = "services:\n  search: {base_url: 'https://a.test'%s}\n"
REFUSED = {
    "neither": (
        "match:\n  - {name: a}\n",
        "x.yaml:6: match.0: neither use nor pattern\n    expected: either use",
    ),
    "both": (
        "match:\n  - {use: dates, pattern: a, name: b}\n",
        "x.yaml:6: match.0: both use and pattern\n    expected: either",
    ),
    "unknown": ("match:\n  - {use: times}\n", "x.yaml:6: match.0.use is 'times'"),
    "no name": ("match:\n  - {pattern: a}\n", "x.yaml:6: match.0: a pattern needs a name"),
    "bad": ("match:\n  - {pattern: '(a', name: b}\n", "match.0: pattern: not a regular expression"),
    "empty": ("match:\n  - {pattern: 'a*', name: b}\n", "match.0: pattern: it matches an empty"),
    "path": ("match:\n\n  - {use: dates, where: a.b}\n", "x.yaml:7: match.0: where: 'a.b' is not"),
    "name": ("match:\n  - {pattern: a, name: '<b>'}\n", "x.yaml:6: match.0.name is '<b>'"),
    "key": ("match:\n  - {use: dates, were: $}\n", "unknown key 'were'"),
    "no url": (
        SEARCH % "" + "  b: {base_url: a.test}\n",
        "x.yaml:7: services.b.base_",
    ),
    "a query": ("services: {b: {base_url: 'http://a.test/?k=1'}}\n", "has a query"),
    "a password": ("services: {b: {base_url: 'http://u:p@a.test'}}\n", "or a password"),
    "its name": ("services: {A b: {base_url: 'http://a.test'}}\n", "x.yaml:5: services: key 'A b'"),
    "provider's": (SEARCH % ", env: OPENAI_BASE_URL", "OPENAI_BASE_URL is the provider's"),
    "no variable": (SEARCH % ", keys: [a-b]", "'a-b' cannot name an environment variable"),
    "a cookie": (SEARCH % ", headers: [Set-Cookie]", "not a header that may be stored"),
    "a token": (SEARCH % ", headers: [X-Auth-Token]", "not a header that may be stored"),
    "same url": (
        SEARCH % "" + "  b: {base_url: 'https://a.test/'}\n",
        "x.yaml:7: b and search have",
    ),
    "same env": (
        SEARCH % ", env: A" + "  b: {base_url: 'http://b.test', env: A}\n",
        "x.yaml:7: b and search have the same env, A",
    ),
}


@pytest.mark.parametrize(("more", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(tmp_path: Path, more: str, message: str) -> None:
    """One error with its line."""
    path = tmp_path / "x.yaml"
    path.write_text(BASE + more)
    with pytest.raises(InputError) as refused:
        loading.load(path)
    assert message in str(refused.value)


FOUND = {
    "dates": [
        "2026-11-29",
        "2026/11/29 03:05",
        "2026-11-29T03:05:03.123456Z",
        "2026-11-29 03:05:03+01:00",
        "2026-11-29T03:05:03 UTC",
        "20261129T030503Z",
        "20261129_030503",
        "Sun, 29 Nov 2026 03:05:03 GMT",
        "29 November 2026",
        "Sun Nov 29 03:05:03 2026",
        "November 29, 2026",
        "29.11.2026",
        "29/11/2026",
        "03:05:03",
        "03:05:03.12",
        "1732849200",
        "1732849200123",
        "1732849200.5",
    ],
    "uuids": [
        "123e4567-e89b-12d3-a456-426614174000",
        "123E4567-E89B-12D3-A456-426614174000",
        "123e4567e89b12d3a456426614174000",
    ],
    "ids": [
        "call_0a1b2c3d4e5f6071",
        "0x7f3251190860",
        "12345",
        "0a1b2c3d",
        "run-4711",
        "req_abcDEF1234567890",
    ],
    "paths": ["/srv/run-1/main.py", "/home/me/x", "C:\\Users\\me\\a.py", "/var/folders/zz/"],
}
LEFT = {
    "dates": [
        "2026",
        "11:29",
        "1.2.3",
        "12345678901234",
        "chapter 2 of 3",
        "26-11-29",
        "port 8080",
    ],
    "uuids": ["123e4567-e89b-12d3-a456", "deadbeef", "g" * 32],
    "ids": ["123", "a function", "add_numbers", "students", "id_of_row", "deadbeef", "3.14"],
    "paths": ["and/or", "https://host.test/a/b", "a/b/c", "/", "1/2"],
}


@pytest.mark.parametrize(
    ("use", "text"), [(use, text) for use, texts in FOUND.items() for text in texts]
)
def test_what_a_built_in_rule_finds(use: str, text: str) -> None:
    """The whole of it, in the middle of words."""
    match = regex.search(BUILT_IN[use][0], f"It is <{text}> now")
    assert match is not None
    assert match[0] == text


@pytest.mark.parametrize(
    ("use", "text"), [(use, text) for use, texts in LEFT.items() for text in texts]
)
def test_what_a_built_in_rule_leaves(use: str, text: str) -> None:
    """What only looks like it."""
    assert regex.search(BUILT_IN[use][0], f"It is {text} now") is None
