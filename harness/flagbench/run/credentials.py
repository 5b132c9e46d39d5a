"""The user's key: its variable, and the place in a request where a client puts it."""

from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flagbench.cassette import scrub
from flagbench.cassette.address import root_of

# A part of a host's name -> the variables with its key, the first that is set.
_BY_HOST = {
    "anthropic.": ("ANTHROPIC_API_KEY",),
    "googleapis.": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    "azure.": ("AZURE_OPENAI_API_KEY",),
}
_OPENAI = "OPENAI_API_KEY"
# A part of a path -> what its vendor's client sends beside the content type.
_BY_PATH = {
    "/messages": {"x-api-key": "", "anthropic-version": "2023-06-01"},
    "/v1beta/": {"x-goog-api-key": ""},
    "/openai/deployments/": {"api-key": ""},
}
# Headers with nothing but the key, and the same in a query (Gemini).
_HEADERS = ("x-api-key", "x-goog-api-key", "api-key")
_QUERY = "key"
# The key that a subject sees; the real one is only in what is sent.
PLACEHOLDER = "flagbench"


def variables_for(base_url: str) -> tuple[str, ...]:
    """The variables that may hold the key of an endpoint: its vendor's first, then OpenAI's."""
    host = urlsplit(base_url).hostname or ""
    own = (names for part, names in _BY_HOST.items() if part in host)
    return (*next(own, ()), _OPENAI)


def key_for(base_url: str, environment: Mapping[str, str]) -> str:
    """The key of an endpoint, "" without any. No other vendor's key is ever taken."""
    return next((key for name in variables_for(base_url) if (key := environment.get(name))), "")


def headers_of(path: str) -> dict[str, str]:
    """The headers of a request whose own were not recorded, by its path: where a key belongs."""
    return next((dict(own) for part, own in _BY_PATH.items() if part in path), {})


def with_key(url: str, headers: Mapping[str, str], key: str) -> tuple[str, dict[str, str]]:
    """URL and headers with the key in each place in which a client put its own.

    A client that put it nowhere known gets OpenAI's header.
    """
    if not key:
        return url, dict(headers)
    sent = dict(headers)
    places = [name for name in sent if name.lower() in _HEADERS]
    sent.update(dict.fromkeys(places, key))
    parts = urlsplit(url)
    asked = parse_qsl(parts.query, keep_blank_values=True)
    if _QUERY in dict(asked):
        query = urlencode([(name, key if name == _QUERY else value) for name, value in asked])
        url = urlunsplit(parts._replace(query=query))
    elif not places or "authorization" in {name.lower() for name in sent}:
        sent = {name: value for name, value in sent.items() if name.lower() != "authorization"}
        sent["authorization"] = f"Bearer {key}"
    return url, sent


def keys_in(url: str, headers: Mapping[str, str]) -> tuple[str, ...]:
    """The secrets that a request sends, by the names of its headers and of its query's `key`.

    They may be known to the client alone, and an answer may repeat them.
    """
    values = {
        value.rpartition(" ")[2]
        for name, value in headers.items()
        if name.lower().endswith("authorization") or scrub.is_secret(name.replace("-", "_"))
    }
    values |= {
        pair.partition("=")[2].strip(' "')
        for name, value in headers.items()
        if name.lower() == "cookie"
        for pair in value.split(";")
    }
    values |= {value for name, value in parse_qsl(urlsplit(url).query) if name == _QUERY}
    return tuple(value for value in values if len(value) >= scrub.SHORTEST_OTHER_SECRET)


def cookies_in(set_cookie: Iterable[str]) -> tuple[str, ...]:
    """The values of cookies that an answer sets, from the length on that a word does not have."""
    values = (line.partition(";")[0].partition("=")[2].strip(' "') for line in set_cookie)
    return tuple(value for value in values if len(value) >= scrub.SHORTEST_OTHER_SECRET)


def provider_variables(base_url: str) -> dict[str, str]:
    """The variables by which the clients of a subject's own find their provider."""
    root = root_of(base_url)
    return {
        "OPENAI_BASE_URL": base_url,
        "OPENAI_API_BASE": base_url,  # litellm, and langchain-openai
        "ANTHROPIC_BASE_URL": root,
        "ANTHROPIC_API_BASE": root,  # litellm
        "GOOGLE_GEMINI_BASE_URL": root,
        "GEMINI_API_BASE": root,  # litellm
        "AZURE_OPENAI_ENDPOINT": root,
        "AZURE_API_BASE": root,  # litellm
        **dict.fromkeys(_KEYS, PLACEHOLDER),
        **_WITHOUT_FETCHES,
    }


_KEYS = (
    "OPENAI_API_KEY",
    "ANTHROPIC_API_KEY",
    "GEMINI_API_KEY",
    "AZURE_OPENAI_API_KEY",
    "AZURE_API_KEY",
)
# Fetches that are no calls of a model, and that a replay could not answer.
_WITHOUT_FETCHES = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "OPENAI_AGENTS_DISABLE_TRACING": "1",
    "LANGSMITH_TRACING": "false",
}
