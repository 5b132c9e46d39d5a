"""A platform without what only Linux, or only a Unix, has: simulated before flagbench is imported.

`leave(name)` is called in a process of its own. What the standard library and other packages do on
a platform is theirs: they are imported first, as they are here.
"""

import importlib
import os
import signal
import socket
import sys
from importlib.abc import MetaPathFinder

# Loaded first: on another platform they are other files, which this machine does not have.
_OTHERS = (
    "_pytest.capture", "allpairspy", "asyncio", "autoflake", "bandit.core.manager", "black", "click",
    "django.core.handlers.wsgi", "fastapi.testclient", "flake8.main.application", "jinja2",
    "looptime", "matplotlib.figure", "matplotlib.backends.backend_svg", "multiprocessing.pool",
    "openai", "openai.resources.chat.completions", "pandas", "psutil", "pyarrow.parquet", "pydantic",
    "pytest", "pytest_benchmark.plugin", "requests", "rest_framework", "rich.console",
    "rich.progress", "rich.table", "scipy.stats", "simplemma", "starlette.applications",
    "subprocess", "tempfile", "tiktoken", "uvicorn", "uvicorn.config", "vcr", "xdist.plugin", "yaml",
)  # fmt: skip
_MODULES = {
    "darwin": ("landlockpy", "seccompy"),
    "win32": ("fcntl", "landlockpy", "pwd", "resource", "seccompy", "termios"),
}
_ATTRIBUTES = {
    "darwin": ((socket, "SO_PASSCRED"), (socket, "SCM_CREDENTIALS")),
    "win32": (
        *((os, name) for name in (
            "fork", "getegid", "geteuid", "getuid", "killpg", "O_ACCMODE", "O_DIRECTORY", "O_NOFOLLOW",
            "O_CLOEXEC", "setsid", "setuid", "sysconf", "wait4", "WNOHANG",
        )),
        *((signal, name) for name in ("SIGCHLD", "SIGKILL", "SIGXCPU", "pause", "pthread_sigmask")),
        *((socket, name) for name in (
            "AF_UNIX", "CMSG_SPACE", "recv_fds", "SCM_CREDENTIALS", "send_fds", "sethostname",
            "SO_PASSCRED",
        )),
    ),
}  # fmt: skip


class _Missing(MetaPathFinder):
    """Finds none of these modules, nor any beneath them."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Raise `ModuleNotFoundError` for a missing module; leave the others to the next finder."""
        if name.partition(".")[0] in self._names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def leave(platform: str) -> None:
    """Turn this process into one of the platform, "darwin" or "win32"."""
    for name in _OTHERS:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            if not name.startswith(str(error.name)):
                raise
    for module, name in _ATTRIBUTES[platform]:
        delattr(module, name)
    for name in [name for name in sys.modules if name.partition(".")[0] in _MODULES[platform]]:
        del sys.modules[name]
    sys.meta_path.insert(0, _Missing(_MODULES[platform]))
    sys.platform = platform
