"""The tokenizer of a call: by the project's name for it, or by the model."""

import sys
from pathlib import Path

import pytest
import tiktoken.load

from flagbench import tokenizer_choice
from flagbench.errors import InputError
from flagbench.extras import MissingExtra
from flagbench.tokenizer_choice import counter, for_call, name_for, reasons_unseen, with_folder

DEFAULT = tokenizer_choice.DEFAULT


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("gpt-4o-mini", "o200k_base"), ("openai/gpt-4o-2024-08-06", "o200k_base"),
        ("ft:gpt-4o:org", "o200k_base"), ("gpt-4", "cl100k_base"),
        ("text-embedding-3-small", "cl100k_base"), ("gpt-oss-120b", "o200k_harmony"),
        ("our-model-7b", DEFAULT), ("m-plain", DEFAULT), ("", DEFAULT),
    ],
)  # fmt: skip
def test_the_tokenizer_of_a_model(model: str, name: str) -> None:
    """As tiktoken knows it; an unknown name is assumed to be of a recent chat model."""
    chosen = for_call("", model, default=DEFAULT)
    assert chosen is not None
    assert chosen.name == name == name_for("", model)


@pytest.mark.parametrize(
    "model",
    ["claude-3-5-haiku", "anthropic/claude-opus-4", "meta-llama/Llama-3.1-8B", "llama3.1:8b",
     "Qwen/Qwen2.5-7B", "mistral-small", "gemini-2.0-flash", "deepseek-chat", "codellama:7b",
     "HuggingFaceTB/SmolLM2-135M", "phi-4", "grok-3", "kimi-k2"],
)  # fmt: skip
def test_another_familys_model_has_another_tokenizer(model: str) -> None:
    """It is unknown, unless the project names it."""
    assert for_call("", model, default=DEFAULT) is None
    assert name_for("", model) == tokenizer_choice.PROVIDERS
    assert name_for("cl100k_base", model) == "cl100k_base"


def test_an_unknown_model_without_a_default_has_none() -> None:
    """That of an API whose models are not chat models."""
    assert for_call("", "m", default=None) is None


@pytest.mark.parametrize(
    ("model", "unseen"),
    [("o1", True), ("o3-mini", True), ("openai/o4-mini", True), ("gpt-5", True),
     ("gpt-5-mini", True), ("gpt-5-chat-latest", False), ("gpt-4o", False), ("m-o1x", False)],
)  # fmt: skip
def test_models_with_hidden_reasoning(model: str, unseen: bool) -> None:
    """Their answers are less than what is billed."""
    assert reasons_unseen(model) == unseen


def test_harmony_differs_in_special_tokens_only() -> None:
    """Which are ordinary text in a count."""
    text = "hello <|channel|> world"
    assert counter("o200k_harmony").count(text) == counter("o200k_base").count(text)


def test_other_encodings_of_tiktoken_are_read_from_its_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing is downloaded while cells run; the error has the command that does it."""
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    read_file = tiktoken.load.read_file
    with pytest.raises(InputError, match=r"vocabulary of p50k_edit is not on this machine\s+fix: "):
        counter("p50k_edit")
    assert tiktoken.load.read_file is read_file
    content = b"".join(f"{_base64(bytes([byte]))} {byte}\n".encode() for byte in range(256))
    monkeypatch.setattr(tiktoken.load, "read_file_cached", lambda *_: content)
    assert counter("p50k_edit").count("abc") == 3


def _base64(token: bytes) -> str:
    import base64

    return base64.b64encode(token).decode()


@pytest.mark.parametrize("name", ["o300k_base", "gpt-4o", "huggingface:x.json", "tokenizers:none"])
def test_an_unknown_tokenizer_is_an_error_with_the_known_ones(name: str) -> None:
    """So is a file that is not there."""
    with pytest.raises(InputError, match=r"expected: .*(o200k_base|tokenizers)"):
        counter(name)


def test_a_tokenizer_of_the_library_tokenizers(tmp_path: Path) -> None:
    """Words are tokens here; nothing special is added, and a lone surrogate is no error."""
    tokenizers = pytest.importorskip("tokenizers")
    vocabulary = {"[UNK]": 0, "hello": 1, "world": 2}
    model = tokenizers.models.WordLevel(vocabulary, unk_token="[UNK]")  # noqa: S106
    tokenizer = tokenizers.Tokenizer(model)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
        single="[UNK] $A", special_tokens=[("[UNK]", 0)]
    )
    tokenizer.save(str(tmp_path / "words.json"))
    words = counter(with_folder("tokenizers:words.json", tmp_path))
    assert words.count("hello world hello") == 3
    assert words.count("a \ud83d b") == 3
    assert words.name.startswith("tokenizers:words.json@")


def test_a_tokenizer_of_the_library_sentencepiece(tmp_path: Path) -> None:
    """A model that is trained here."""
    sentencepiece = pytest.importorskip("sentencepiece")
    text = tmp_path / "text.txt"
    text.write_text("hello world\nhello there\nworld peace\n" * 50)
    sentencepiece.SentencePieceTrainer.train(
        input=str(text), model_prefix=str(tmp_path / "small"), vocab_size=16, minloglevel=9
    )
    small = counter(f"sentencepiece:{tmp_path / 'small.model'}")
    whole = sentencepiece.SentencePieceProcessor(model_file=str(tmp_path / "small.model"))
    assert small.count("hello world") == len(whole.encode("hello world")) > 1


def test_a_library_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the extra that has it."""
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    monkeypatch.setattr("flagbench.extras.find_spec", lambda _: None)
    with pytest.raises(MissingExtra, match=r"pip install 'flagbench\[tokenizers\]'"):
        counter("tokenizers:x.json")
