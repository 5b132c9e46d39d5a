"""How a cassette looks on disk: readable, and back again exactly."""

import json
from pathlib import Path
from typing import Any

import pytest
import vcr
from hypothesis import example, given
from hypothesis import strategies as st
from vcr.serialize import serialize as vcr_serialize
from vcr.serializers import yamlserializer

from flagbench.cassette import serializer
from flagbench.http_library import httpx

# What has broken YAML writers before.
ODD = [
    "", " ", "\n", "\n\n", " x", "x ", "x \ny\t\n", "\tx\n\ty", "x\r\ny\r\n", "\rx", "a\x00b",
    "\x07\x1b[0m", "\x7f\x80\x85\x9f", "\u2028a\u2029", "\ufeffx", "\ud800", "a\udfff\n", "🎓 é 学",
    "yes", "null", "~", "1", "1.0", "0x1f", "1e3", ".inf", "2024-01-01", "12:30:45", "<<", "=",
    "&a", "*a", "- a", "? a", "a: b", "# a", "a #b", "'", '"', "{a: b}", "[a]", "%TAG", "---", "!x",
    "---\n...\n", "|", ">", "|2\n  x", "  leading\nless", "\n  leading", "\n\n \n", "x\n\n\n", "@a",
    "`a", "```python\nx\n```", "long " * 80, "long line\n" * 60, "a" * 300, "\\n", "\\ud800",
]  # fmt: skip
# What stands in for an emoji while a cassette is written, and what is beyond the first plane.
STANDING_IN = "\ue000\ue001\uf8ff\U00010000\U0001f393\U0001fae8\U0001fffe\U000f0000\U0010ffff\u200d"
TEXTS = (
    st.text(alphabet=st.characters(exclude_categories=()), max_size=60)
    | st.text(alphabet=STANDING_IN + "a: \n\x07", max_size=20)
    | st.sampled_from(ODD)
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def written(request: str | bytes, response: str | bytes) -> dict[str, Any]:
    """A cassette of one call in vcrpy's structure."""
    return {
        "version": 1,
        "metadata": {},
        "interactions": [
            {
                "request": {"method": "POST", "uri": "u", "headers": {}, "body": request},
                "response": {
                    "status": {"code": 200, "message": "OK"},
                    "headers": {},
                    "body": {"string": response},
                },
            }
        ],
    }


def back(request: str | bytes, response: str | bytes) -> tuple[str, str]:
    """Both bodies after a way through the file, as bytes: what a disk can hold."""
    text = serializer.serialize(written(request, response))
    one = serializer.deserialize(text.encode().decode())["interactions"][0]
    return one["request"]["body"], one["response"]["body"]["string"]


@given(st.dictionaries(TEXTS, JSON, max_size=3))
@example({text: text for text in ODD})
@example({"texts": ODD, "again": ODD})
@example({"n": [1.0, -0.0, 1e22, 1e-7, 10**30, 5e-324]})
def test_any_json_object_comes_back_as_the_same_value(value: dict[str, Any]) -> None:
    """Whatever texts it holds, wherever they stand, escaped or not, and with types unchanged."""
    for ascii_only in (True, False):
        body = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "backslashreplace")
        request, response = back(body, body)
        wanted = json.dumps(json.loads(body))
        assert json.dumps(json.loads(request)) == wanted
        assert json.dumps(json.loads(response)) == wanted


@given(st.dictionaries(TEXTS, JSON, max_size=3))
@example({text: text for text in STANDING_IN})
@example({"all at once": [STANDING_IN, *STANDING_IN, STANDING_IN * 30, STANDING_IN * 30]})
def test_a_cassette_that_was_read_is_written_in_the_same_bytes(value: dict[str, Any]) -> None:
    """Whatever characters it holds; so adding a call changes no other line."""
    body = json.dumps(value)
    once = serializer.serialize(written(body, f"<p>{body}"))
    read = serializer.deserialize(once.encode().decode())
    assert serializer.serialize(read).encode() == once.encode()


@given(st.text(alphabet=st.characters(exclude_categories=("C", "Z")) | st.just("\u200d")))
def test_a_body_of_readable_characters_comes_back_byte_for_byte(text: str) -> None:
    """Compact, and with its characters as they are, as most providers write it."""
    body = json.dumps({text: f"{text}\n{text}"}, ensure_ascii=False, separators=(",", ":"))
    assert [one.encode() for one in back(body, body)] == [body.encode()] * 2


@given(TEXTS)
@pytest.mark.parametrize("make", ["{}", "[1, {}]", "<html>{}</html>\n"])
def test_any_other_body_comes_back_as_it_was(make: str, text: str) -> None:
    """An error page, a list, a cut-off object: text for text."""
    body = make.replace("{}", text).encode("utf-8", "replace")
    try:
        is_object = isinstance(json.loads(body), dict)
    except ValueError:
        is_object = False
    if not is_object:
        assert [one.encode() for one in back(body, body)] == [body, body]


def test_an_empty_body_stays_empty() -> None:
    """A GET has none."""
    assert back("", "") == ("", "")


def test_prompts_and_answers_are_blocks_of_lines() -> None:
    """A person who reviews a diff sees lines, not one long string."""
    body = json.dumps({"messages": [{"content": "first line\nsecond: line\n"}]})
    text = serializer.serialize(written(body, "not json\nbut lines\n"))
    lines = [line.strip() for line in text.splitlines()]
    assert lines[lines.index("- content: |") + 1 :][:2] == ["first line", "second: line"]
    assert lines[lines.index("string: |") + 1 :] == ["not json", "but lines"]


def test_letters_of_every_language_stay_readable() -> None:
    """They are not escaped; what no editor shows is."""
    body = json.dumps({"content": "criação de 学生 ✅ 🎓", "other": "\u2028"}, ensure_ascii=False)
    assert "\\u2028" in serializer.serialize(written(body, ""))
    body = json.dumps({"content": "criação de 学生 ✅ 🎓"})
    assert "content: criação de 学生 ✅ 🎓}\n" in serializer.serialize(written(body, ""))


@pytest.mark.parametrize("emoji", ["🎓", "👩🏽\u200d💻", "🇵🇹", "𠮷", "\U0001fae8"])
def test_a_block_of_lines_with_an_emoji_is_a_block_of_lines(emoji: str) -> None:
    """In a prompt, in an answer and in an answer that is no JSON; also one newer than Python's."""
    body = json.dumps({"content": f"def f():\n    return '{emoji}'\n", f"🔑{emoji}": 1})
    text = serializer.serialize(written(body, f"not json\n{emoji}\n"))
    lines = [line.strip() for line in text.splitlines()]
    assert lines[lines.index("content: |") + 1 :][:3] == [
        "def f():", f"return '{emoji}'", f"🔑{emoji}: 1",
    ]  # fmt: skip
    assert lines[lines.index("string: |") + 1 :] == ["not json", emoji]


def test_a_character_that_stands_in_is_never_one_of_the_cassettes_own() -> None:
    """Private characters of a provider's stay what they are, and the one that is left stands in."""
    own = "".join(map(chr, range(0xE000, 0xF8FF)))
    body = f"{own}\n🎓\n𠮷\n"
    assert back(body, "")[0] == body
    text = serializer.serialize(written(body, ""))
    assert ("🎓" in text, "𠮷" in text) == (True, False)


@pytest.mark.parametrize("end", ["", " 🎓"])
def test_a_long_text_stands_once(end: str) -> None:
    """A standard that opens every prompt is referred to."""
    standard = f"Be careful with types.{end}\n" * 20
    body = json.dumps({"a": standard, "b": standard})
    text = serializer.serialize(written(body, body))
    assert text.count("Be careful with types.") <= 4
    assert json.loads(back(body, body)[0]) == json.loads(body)


def test_a_run_of_lines_that_two_texts_share_stands_once() -> None:
    """Whatever stands around it; what is different is a block of lines where it is used."""
    standard = "".join(f"Rule {number} of the standard.\n" for number in range(20))
    first, second = (
        json.dumps({"content": f"# {name}\n\n{standard}\nWrite {name}.\nNow.\n"})
        for name in ("Book", "Reader")
    )
    text = serializer.serialize(written(first, second))
    assert text.count("Rule 7 of the standard.") == 1
    assert text.startswith("version: 1\nmetadata: {}\ntexts:\n- &id001 |2+\n\n  Rule 0 of the st")
    assert 'content: {joined: ["# Reader\\n", *id001, "Write Reader.\\nNow.\\n"]}' in text
    assert back(first, second) == tuple(
        json.dumps(json.loads(body), separators=(",", ":")) for body in (first, second)
    )


def test_vcrpys_own_loader_reads_the_file() -> None:
    """Aliases and all, into the structure of its cassettes, with texts in pieces as lists."""
    body = json.dumps({"a": "one line of a standard, rather long\n" * 9, "b": "text\n"})
    document = yamlserializer.deserialize(serializer.serialize(written(body, body)))
    (call,) = document["interactions"]

    def whole(piece: str | list[Any]) -> str:
        return piece if isinstance(piece, str) else "".join(map(whole, piece))

    assert call["response"]["body"]["string"] == call["request"]["body"]
    assert whole(call["request"]["body"]["a"]["joined"]) == json.loads(body)["a"]


@pytest.mark.parametrize(
    "body",
    [
        b"ID3\x03\x00" + bytes(range(256)) * 4, b"\xff", b'{"a": "\xff"}', b"\x80" * 300,
        '{"a": "é"}'.encode("utf-16"), b'{"a": "\xed\xa0\xbd"}',
    ],
)  # fmt: skip
def test_a_body_that_is_not_utf8_comes_back_byte_for_byte(body: bytes) -> None:
    """An mp3, an image, a broken answer."""
    assert back(body, body) == (body, body)


@pytest.mark.parametrize(
    "value",
    [{"joined": ["a", "b"]}, {"x": [{"joined": []}]}, {"joined": 1}, {"joined": ["a" * 300] * 2}],
)
def test_an_object_like_a_text_in_pieces_is_no_such_text(value: dict[str, Any]) -> None:
    """The keys of a provider are its own."""
    body = json.dumps(value)
    assert [json.loads(text) for text in back(body, body)] == [value, value]


def test_equal_objects_are_kept_apart_by_the_types_of_their_values() -> None:
    """1, 1.0 and true are equal to Python and different in JSON."""
    values = [1, 1.0, True, 0, -0.0, 0.0, False, None, "1", "null", 10**20]
    body = json.dumps({str(place): [value] * 30 for place, value in enumerate(values)})
    assert back(body, body) == (json.dumps(json.loads(body), separators=(",", ":")),) * 2


def test_the_same_cassette_is_written_in_the_same_bytes() -> None:
    """And after a way through the file again in the same."""
    body = json.dumps({"b": "x\ny", "a": ["long " * 60] * 2})
    once = serializer.serialize(written(body, body))
    assert serializer.serialize(written(body, body)) == once
    assert serializer.serialize(serializer.deserialize(once)) == once


def test_vcrpy_writes_with_it_as_with_its_own(tmp_path: Path) -> None:
    """What vcrpy hands to a serializer is what `serialize` takes."""
    from vcr.request import Request

    request = Request("POST", "http://h/x", b'{"a": 1}', {})
    response = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": b"{}"}}
    text = vcr_serialize({"requests": [request], "responses": [response]}, serializer)
    assert serializer.deserialize(text)["interactions"][0]["request"]["body"] == '{"a":1}'


def test_plain_vcrpy_plays_a_cassette_of_ours(tmp_path: Path, tiny_cassettes: Path) -> None:
    """With the serializer registered, and nothing else of ours."""
    plain = vcr.VCR(serializer="flagbench", record_mode="none", match_on=["method", "path"])
    plain.register_serializer("flagbench", serializer)
    path = tiny_cassettes / "simulated" / "tiny" / "1.yaml"
    before = path.read_bytes()
    with plain.use_cassette(str(path), allow_playback_repeats=False) as opened:
        answers = [
            httpx.post("http://provider/v1/chat/completions", json={}, trust_env=False)
            for _ in range(6)
        ]
        assert opened.all_played
    assert path.read_bytes() == before
    contents = [one.json()["choices"][0]["message"]["content"] for one in answers]
    assert contents[0] == (
        'def answer():\n    """Give a function that adds two numbers."""\n    return 32\n'
    )
    assert contents[:3] == contents[3:]
    assert answers[0].headers["x-flagbench-elapsed-ms"] == "1686.000"
