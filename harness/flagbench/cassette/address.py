"""Addresses of requests: the path in a cassette is that of the provider's API, whatever its host.

A base URL is that of the OpenAI client, such as `https://host/v1`. Other vendors' clients ask the
same host by paths of their own: `/v1/messages`, `/v1beta/models/…`, `/openai/deployments/…`. A
query, which may hold a key, does not belong to it; a gateway may have its key in the path.
"""

import re
from urllib.parse import unquote, urlsplit, urlunsplit

EXPECTED = "all calls to the base URL that the subject gets, by any client"

# The end of a base URL that names an API and its version: /v1, /openai/v1, /v1beta/openai.
_API = re.compile(r"(?:/v\d\w*|/openai)*/?\Z")
# The beginning of a path that does so, beside the version of the base URL.
_OTHER_API = re.compile(r"/(?:v1\w*|openai)/")
# Its version may be that of the base URL, which is /v1 for a replay.
_GEMINI = re.compile(r"/v1\w*/.+:\w+\Z")
# A part of a path with letters and digits as a key has them, and no word or name does.
_PART = re.compile(r"[^/?#]+")
_KEY = re.compile(
    r"\bsk-|\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"
    r"|(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9]{20,}"
    r"|(?=[A-Z0-9]*[a-z])(?=[a-z0-9]*[A-Z])(?=[A-Za-z]*[0-9])[A-Za-z0-9]{12,}"
)
# A shorter one may be part of any text.
_SHORTEST_PASSWORD = 6
# Fetches of libraries beside the calls of a model, with the setting that turns each off.
_REMEDIES = {
    "raw.githubusercontent.com/BerriAI/litellm/": "LITELLM_LOCAL_MODEL_COST_MAP=True, for litellm",
    "api.smith.langchain.com/": "LANGSMITH_TRACING=false, for langsmith",
    "api.openai.com/v1/traces": "OPENAI_AGENTS_DISABLE_TRACING=1, for openai-agents",
}


def root_of(base_url: str) -> str:
    """The base URL without the API and version at its end, as other vendors' clients take it."""
    return _API.sub("", base_url.partition("?")[0])


def path_of(url: str, base_url: str) -> str | None:
    """The path of a request in a cassette; None if it is not to the provider."""
    asked, base = urlsplit(url), urlsplit(base_url)
    if asked.netloc != base.netloc:
        return None
    root = urlsplit(root_of(base_url)).path
    below, from_root = _under(asked.path, base.path.rstrip("/")), _under(asked.path, root)
    is_other = from_root is not None and bool(_OTHER_API.match(from_root))
    if is_other and (root == base.path.rstrip("/") or _GEMINI.match(str(from_root))):
        return from_root
    if below is not None:
        return "/v1" + below
    return from_root if is_other else None


def url_of(path: str, base_url: str) -> str:
    """The URL of a request from its path in a cassette."""
    if path.startswith("/v1/"):
        return base_url.partition("?")[0].rstrip("/") + path.removeprefix("/v1")
    return root_of(base_url) + path


def _under(path: str, folder: str) -> str | None:
    """The path from a folder on, None if it is elsewhere."""
    is_under = path == folder or path.startswith(f"{folder}/")
    return path.removeprefix(folder) if is_under else None


def keys_of(url: str) -> tuple[str, ...]:
    """The secrets of an address: its user's password, and parts of its path that look like keys."""
    parts = urlsplit(url)
    found = [part for part in _PART.findall(parts.path) if _KEY.search(part)]
    found += [password] if len(password := parts.password or "") >= _SHORTEST_PASSWORD else []
    return tuple(map(unquote, found))


def shown(url: str) -> str:
    """A URL without its keys: no user, no query and no fragment, and `…` for those in its path."""
    parts = urlsplit(url)
    path = _PART.sub(lambda part: "…" if _KEY.search(part[0]) else part[0], parts.path)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], path, "", ""))


def remedy(url: str) -> str:
    """The setting by which a library leaves out a fetch beside its calls, "" for none known."""
    address = url.partition("://")[2]
    return next((how for start, how in _REMEDIES.items() if address.startswith(start)), "")
