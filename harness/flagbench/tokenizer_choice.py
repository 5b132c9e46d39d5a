"""The tokenizer of a call: the one that a project names, or that of the model."""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import tiktoken
import tiktoken.load
from tiktoken.model import encoding_name_for_model

from flagbench import extras
from flagbench.errors import InputError, Problem
from flagbench.tokenizer import PACKAGED, TokenCounter, packaged_counter

# Chat models that tiktoken does not know, and whose tokenizer nobody names, are counted with it.
DEFAULT = "o200k_base"
# Encodings that differ from a packaged one in their special tokens only, which are not counted.
_SAME_TEXT = {"o200k_harmony": "o200k_base"}
# Families of models with published tokenizers of their own, none of which is tiktoken's.
_FOREIGN = re.compile(
    r"(?<![a-z])(claude|gemini|gemma|(code)?llama|mistral|mixtral|ministral|codestral|devstral"
    r"|magistral|pixtral|qwen|qwq|deepseek|phi|smollm|command|grok|kimi|glm|granite|yi|falcon"
    r"|nemotron|olmo|starcoder|hermes|vicuna|jamba|nova|minimax|ernie)",
    re.IGNORECASE,
)
# Models whose answers come after reasoning that is billed and not sent.
_REASONING = re.compile(r"(?:^|[/:])(o[1-9](?:-|$)|gpt-5(?!.*-chat)|gpt-oss)", re.IGNORECASE)
_DIGEST_DIGITS = 12
# The tokenizer of a model that only its provider counts.
PROVIDERS = "the provider's"
FILE_KINDS = ("tokenizers", "sentencepiece")


def for_call(named: str, model: str, *, default: str | None) -> TokenCounter | None:
    """The counter of a call to `model`, None where its tokenizer is unknown.

    `named` is the project's choice, "" for none. `default` is the encoding of a model that neither
    tiktoken knows nor another family's name tells, None for unknown.
    """
    if named:
        return counter(named)
    try:
        return counter(encoding_name_for_model(model.rpartition("/")[2]))
    except KeyError:
        return None if default is None or _FOREIGN.search(model) else counter(default)


def name_for(named: str, model: str) -> str:
    """The name of the counter of a chat with `model`, for results."""
    chosen = for_call(named, model, default=DEFAULT)
    return chosen.name if chosen else PROVIDERS


def reasons_unseen(model: str) -> bool:
    """True for a model that bills reasoning which is not in its answers."""
    return bool(_REASONING.search(model))


@cache
def counter(name: str) -> TokenCounter:
    """The counter of this process for a tokenizer by name.

    A name is an encoding of tiktoken, `tokenizers:FILE` (a tokenizer.json) or `sentencepiece:FILE`.
    Raises `InputError` for one that is unknown or cannot be read, `MissingExtra` for a library that
    is not installed.
    """
    kind, separator, file = name.partition(":")
    if separator:
        return _of_file(kind, Path(file), name)
    known = _SAME_TEXT.get(name, name)
    if known in PACKAGED:
        packaged = packaged_counter(known)
        return packaged if known == name else TokenCounter(name, packaged.encode)
    return TokenCounter(name, _published(name).encode_ordinary)


def with_folder(name: str, folder: Path) -> str:
    """The name with its file, if it has one, relative to a folder."""
    kind, separator, file = name.partition(":")
    return f"{kind}:{folder / file}" if separator else name


def _published(name: str) -> tiktoken.Encoding:
    """An encoding of tiktoken or of a plugin of it, from its files on disk."""
    if name not in tiktoken.list_encoding_names():
        known = ", ".join(sorted(tiktoken.list_encoding_names()))
        files = ", ".join(f"{kind}:FILE" for kind in FILE_KINDS)
        raise InputError(Problem(f"unknown tokenizer {name!r}", expected=f"{known}, {files}"))
    try:
        with _without_network():
            return tiktoken.get_encoding(name)
    except ConnectionError as error:
        what = f"the vocabulary of {name} is not on this machine"
        fix = f"python -c 'import tiktoken; tiktoken.get_encoding(\"{name}\")' (which downloads it)"
        raise InputError(Problem(what, fix=fix)) from error


@contextmanager
def _without_network() -> Iterator[None]:
    """Let tiktoken read its cache and packaged files, and download nothing."""
    read_file = tiktoken.load.read_file

    def read_local(blobpath: str) -> bytes:
        if "://" in blobpath:
            raise ConnectionError(blobpath)
        return read_file(blobpath)

    tiktoken.load.read_file = read_local
    try:
        yield
    finally:
        tiktoken.load.read_file = read_file


def _of_file(kind: str, path: Path, name: str) -> TokenCounter:
    """The counter of a model in a file, named by kind, file and the beginning of its digest."""
    if kind not in FILE_KINDS:
        expected = " or ".join(f"{known}:FILE" for known in FILE_KINDS)
        raise InputError(Problem(f"unknown tokenizer {name!r}", expected=expected))
    extras.require("tokenizers", f"the tokenizer {name}")
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:_DIGEST_DIGITS]
        encode = (_huggingface if kind == "tokenizers" else _sentencepiece)(path)
    except Exception as error:  # a foreign library's, over a foreign file
        what = f"the tokenizer {name} cannot be read: {error}"
        raise InputError(Problem(what, expected=f"a file of the library {kind}")) from error
    return TokenCounter(
        f"{kind}:{path.name}@{digest}", lambda text: encode(_without_surrogates(text))
    )


def _huggingface(path: Path) -> Callable[[str], list[int]]:
    from tokenizers import Tokenizer  # noqa: PLC0415  an extra's

    tokenizer = Tokenizer.from_file(str(path))
    return lambda text: list(tokenizer.encode(text, add_special_tokens=False).ids)


def _sentencepiece(path: Path) -> Callable[[str], list[int]]:
    from sentencepiece import SentencePieceProcessor  # noqa: PLC0415  an extra's

    processor = SentencePieceProcessor(model_file=str(path))
    return lambda text: list(processor.encode(text))


def _without_surrogates(text: str) -> str:
    """The text with lone surrogates replaced, which UTF-8 cannot encode; tiktoken does the same."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
