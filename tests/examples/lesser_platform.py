"""A platform without what only Linux, or only a Unix, has: simulated before flagbench is imported.

`leave(name)` is called in a process of its own. What the standard library and other packages do on
a platform is theirs: they are imported first, as they are here.
"""

import functools
import importlib
import os
import signal
import socket
import sys
from typing import Any

# Loaded first: on another platform they are other files, which this machine does not have.
_OTHERS = (
    "_pytest.capture", "allpairspy", "asyncio", "autoflake", "bandit.core.manager", "black",
    "click", "distributed", "django.core.handlers.wsgi", "fastapi.testclient",
    "flake8.main.application", "jinja2", "time_machine", "matplotlib.backends.backend_svg",
    "matplotlib.figure", "multiprocessing.pool", "openai.resources.chat.completions", "pandas",
    "psutil", "pyarrow.parquet", "pydantic", "pytest_benchmark.plugin", "requests",
    "rest_framework", "rich.console", "rich.progress", "rich.table", "scipy.stats", "simplemma",
    "starlette.applications", "subprocess", "tempfile", "tiktoken", "uvicorn.config", "vcr",
    "xdist.plugin", "yaml",
)  # fmt: skip
_MODULES = {
    "darwin": ("landlockpy", "seccompy"),
    "win32": ("fcntl", "landlockpy", "pwd", "resource", "seccompy", "termios"),
}
_NAMES = {
    "darwin": {socket: "SCM_CREDENTIALS SO_PASSCRED"},
    "win32": {
        os: "O_ACCMODE O_CLOEXEC O_DIRECTORY O_NOFOLLOW WNOHANG fork getegid geteuid getuid killpg "
        "setsid setuid sysconf wait4",
        signal: "SIGCHLD SIGKILL SIGXCPU SIG_SETMASK pause pthread_sigmask",
        socket: "AF_UNIX CMSG_SPACE SCM_CREDENTIALS SO_PASSCRED recv_fds send_fds sethostname",
    },
}


class _Without:
    """A finder that finds none of these modules, nor any beneath them."""

    def __init__(self, finder: Any, names: tuple[str, ...]) -> None:
        self._finder = finder
        self._names = names

    def __getattr__(self, name: str) -> Any:
        return getattr(self._finder, name)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """None for a missing module; else the answer of the finder."""
        if name.partition(".")[0] in self._names:
            return None
        return self._finder.find_spec(name, path, target)


def leave(platform: str) -> None:
    """Turn this process into one of the platform, "darwin" or "win32"."""
    for name in _OTHERS:
        importlib.import_module(name)
    # Windows has pairs of sockets, of another family.
    socket.socketpair = functools.partial(socket.socketpair, socket.AF_UNIX)
    for module, names in _NAMES[platform].items():
        for name in names.split():
            delattr(module, name)
    for name in [name for name in sys.modules if name.partition(".")[0] in _MODULES[platform]]:
        del sys.modules[name]
    sys.meta_path[:] = [_Without(finder, _MODULES[platform]) for finder in sys.meta_path]
    sys.platform = platform
