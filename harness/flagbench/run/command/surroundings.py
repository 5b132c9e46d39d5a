"""The environment of a command: fixed and small, so that nothing of the developer's reaches it."""

import os
from collections.abc import Mapping
from pathlib import Path

from flagbench.run import environment
from flagbench.run.command import python_start
from flagbench.run.command.routes import VERSION
from flagbench.scenario.command import search_path

# A key that is none: the recorder sends the real one.
KEY = "flagbench"
# Where a client looks for its provider, and whether it adds the version of the API itself.
_ADDRESSES = {
    "OPENAI_BASE_URL": VERSION,
    "OPENAI_API_BASE": VERSION,
    "ANTHROPIC_BASE_URL": "",
    "ANTHROPIC_API_BASE": "",
    "GOOGLE_GEMINI_BASE_URL": "",
    "GEMINI_API_BASE": "",
    "MISTRAL_BASE_URL": VERSION,
    "GROQ_BASE_URL": "",
    "DEEPSEEK_API_BASE": VERSION,
    "OPENROUTER_API_BASE": VERSION,
    "OPENROUTER_BASE_URL": VERSION,
}
_KEYS = (
    "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "MISTRAL_API_KEY",
    "GROQ_API_KEY", "DEEPSEEK_API_KEY", "OPENROUTER_API_KEY",
)  # fmt: skip
# Of the machine, without which few programs start.
_KEPT = ("SYSTEMROOT", "COMSPEC", "PATHEXT")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


def of_provider(address: str) -> dict[str, str]:
    """The variables by which a client finds its provider at an address, with a key that is none."""
    return {
        **{name: address + path for name, path in _ADDRESSES.items()},
        **dict.fromkeys(_KEYS, KEY),
    }


def of_command(address: str, root: Path, own: Mapping[str, str]) -> dict[str, str]:
    """The variables of a command with its `own`; HOME and TMPDIR are in `root`, its cell's folder.

    Proxies are those of the running cell, which note what a program tries to reach.
    """
    folders = {}
    for name, folder in (("HOME", "home"), ("TMPDIR", "tmp")):
        path = root / folder
        path.mkdir(exist_ok=True)
        folders[name] = str(path)
    proxies = [*_PROXIES, *(name.upper() for name in _PROXIES), "NODE_USE_ENV_PROXY"]
    variables = {
        **{name: os.environ[name] for name in (*_KEPT, *proxies) if name in os.environ},
        **folders,
        "PATH": search_path(),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "TERM": "dumb",
        "NO_COLOR": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "no_proxy": environment.LOOPBACK,
        "NO_PROXY": environment.LOOPBACK,
        **of_provider(address),
        **own,
    }
    paths = (str(Path(python_start.__file__).parent), variables.get("PYTHONPATH", ""))
    return {**variables, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}
