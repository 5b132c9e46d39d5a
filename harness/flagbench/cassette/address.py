"""Addresses of requests: the path in a cassette is that of the provider's API, whatever its host.

A base URL is that of the OpenAI client, such as `https://host/v1`. Other vendors' clients ask the
same host by paths of their own: `/v1/messages`, `/v1beta/models/…`, `/openai/deployments/…`. A
query, which may hold a key, is no part of it.
"""

import re
from urllib.parse import urlsplit, urlunsplit

EXPECTED = "all calls to the base URL that the subject gets, by any client"

# The end of a base URL that names an API and its version: /v1, /openai/v1, /v1beta/openai.
_API = re.compile(r"(?:/v\d\w*|/openai)*/?\Z")
# The beginning of a path that does so, beside the version of the base URL.
_OTHER_API = re.compile(r"/(?:v1\w*|openai)/")
# Fetches of libraries that are no calls of a model, with the setting that turns each off.
_REMEDIES = {
    "raw.githubusercontent.com": "LITELLM_LOCAL_MODEL_COST_MAP=True, if litellm fetches its prices",
    "api.smith.langchain.com": "LANGSMITH_TRACING=false, if langsmith sends traces",
    "api.openai.com": "OPENAI_AGENTS_DISABLE_TRACING=1, if openai-agents sends traces",
}


def root_of(base_url: str) -> str:
    """The base URL without the API and version at its end, as other vendors' clients take it."""
    return _API.sub("", base_url.partition("?")[0])


def path_of(url: str, base_url: str) -> str | None:
    """The path of a request in a cassette; None if it is not to the provider."""
    asked, base = urlsplit(url), urlsplit(base_url)
    below = base.path.rstrip("/")
    if asked.netloc != base.netloc:
        return None
    if below and (asked.path == below or asked.path.startswith(f"{below}/")):
        return "/v1" + asked.path.removeprefix(below)
    root = urlsplit(root_of(base_url)).path
    rest = asked.path.removeprefix(root)
    if asked.path.startswith(root) and _OTHER_API.match(rest):
        return rest
    return None if below else "/v1" + rest


def without_query(url: str) -> str:
    """A URL without user, query and fragment, any of which may hold a key."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def remedy(url: str) -> str:
    """The setting by which a library leaves out a fetch that is no call, "" for none known."""
    return _REMEDIES.get(urlsplit(url).hostname or "", "")
