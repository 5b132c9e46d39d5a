"""Environment variables during a cell: without the keys and addresses of providers."""

import os
import re
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache

# Variables by which client libraries find a provider, or what it asks for.
_PROVIDERS = re.compile(
    r"(?:OPENAI|ANTHROPIC|CLAUDE|AZURE|AWS|GOOGLE|GEMINI|VERTEX|MISTRAL|COHERE|GROQ|DEEPSEEK|XAI"
    r"|OPENROUTER|TOGETHER|FIREWORKS|PERPLEXITY|REPLICATE|LITELLM|OLLAMA|HF|HUGGINGFACE|LANGSMITH"
    r"|LANGCHAIN)_\w+|\w+_(?:API_KEY|API_TOKEN|API_BASE|API_URL|BASE_URL)",
    re.IGNORECASE,
)
_PROXIES = re.compile(r"(?:HTTPS?|ALL|FTP|WSS?|NO)_PROXY", re.IGNORECASE)
# What Node needs to read the others.
_NODE_READS_PROXIES = {"NODE_USE_ENV_PROXY": "1"}
LOOPBACK = "127.0.0.1,localhost,::1"


@lru_cache(maxsize=1024)  # every cell looks at the same names
def is_sealed(name: str) -> bool:
    """True for a variable that a cell does not have, or has with a value of its own."""
    is_address = _PROVIDERS.fullmatch(name) or _PROXIES.fullmatch(name)
    return bool(is_address) or name in _NODE_READS_PROXIES


@contextmanager
def holding(values: Mapping[str, str]) -> Iterator[None]:
    """Set variables in `os.environ`; afterwards all are as they were, whoever changed them."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)


@contextmanager
def sealed(proxy: str, no_proxy: str = "") -> Iterator[None]:
    """Take every provider's variables out of `os.environ`, and let all proxies be `proxy`.

    Child processes inherit it. `no_proxy` names the hosts that are reached without a proxy.
    Afterwards the variables are as they were, and so is urllib, which keeps the first proxies that
    it finds.
    """
    before = {name: value for name, value in os.environ.items() if is_sealed(name)}
    for name in before:
        del os.environ[name]
    ours = dict(_NODE_READS_PROXIES)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        ours[name] = ours[name.upper()] = proxy
    if no_proxy:
        ours["no_proxy"] = ours["NO_PROXY"] = no_proxy
    os.environ.update(ours)
    opener = urllib.request._opener  # type: ignore[attr-defined]  # it has no other reader
    urllib.request._opener = None  # type: ignore[attr-defined]
    try:
        yield
    finally:
        urllib.request._opener = opener  # type: ignore[attr-defined]
        for name in ours:
            os.environ.pop(name, None)
        os.environ.update(before)
