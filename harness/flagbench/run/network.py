"""The network of a cell: there is none, and every attempt to reach it ends the cell.

A recording leaves it for its exchange with the provider, and for nothing else.

Three walls: provider's variables are taken from the environment, and its proxies are ours; an audit
hook refuses what Python code of this process, or of one forked from it, connects to; and where the
platform allows it the cell has a network namespace of its own, for any other program.
"""

import errno
import ipaddress
import os
import select
import shlex
import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from typing import Any, NoReturn

from flagbench.errors import CouldNotRun, Problem
from flagbench.run import environment
from flagbench.run.audit_hook import See, hook
from flagbench.run.private_network import PrivateNetwork, private_network
from flagbench.run.proxy_listener import ProxyListener

NAMESPACE = "namespace"
PROXIES = "proxies"

_ADDRESSED = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_NAMED = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
_PROGRAMS = frozenset(
    [
        "subprocess.Popen",
        "os.posix_spawn",
        "os.spawn",
        "os.exec",
        "os.system",
        "os.fork",
        "os.forkpty",
    ]
)
_EVENTS = _ADDRESSED | _NAMED | _PROGRAMS
_FORKED = "a forked process"
_SHOWN_PROGRAMS = 3


def tier() -> str:
    """The wall that holds for other programs: `namespace`, or `proxies`, which one may ignore."""
    return PROXIES if private_network() is None else NAMESPACE


class NetworkWatch:
    """Attempts to reach a network during a cell, by the subject and by programs it started."""

    def __init__(
        self,
        stop: Callable[[CouldNotRun], NoReturn],
        listener: ProxyListener,
        network: PrivateNetwork | None,
    ) -> None:
        self._stop = stop
        self._listener = listener
        self._network = network
        self._process = os.getpid()
        self._programs: list[str] = []
        # A forked process has a copy of this watch: it reports through a pipe.
        self._report, self._reported = os.pipe()

    def see(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Judge an audit event. Ends the cell if it is an attempt of the subject itself."""
        if event in _PROGRAMS:
            self._programs.append(_program(event, arguments))
            self._listener.serve()
            return
        host = _addressed(*arguments[:2]) if event in _ADDRESSED else _named(arguments[0])
        if host is None:
            return
        if os.getpid() == self._process:
            self._stop(self._problem(host, "the subject"))
        os.write(self._reported, f"{host}\n".encode())
        raise OSError(errno.ENETUNREACH, "a replay reaches no network")

    def reason(self) -> CouldNotRun | None:
        """The attempts of other programs as a reason to stop, or None without any."""
        hosts = [*self._listener.hosts, *self._reported_hosts()]
        hosts += self._network.attempts() if self._network is not None else ()
        if not hosts:
            return None
        shown = list(dict.fromkeys(self._programs))
        more = len(shown) - _SHOWN_PROGRAMS
        programs = " or ".join(shown[:_SHOWN_PROGRAMS]) + (f" or {more} others" if more > 0 else "")
        return self._problem(", ".join(dict.fromkeys(hosts)), programs or "the subject")

    def close(self) -> None:
        """Close the pipe."""
        os.close(self._report)
        os.close(self._reported)

    def _reported_hosts(self) -> list[str]:
        if _FORKED not in self._programs or not select.select([self._report], [], [], 0)[0]:
            return []
        return os.read(self._report, 65536).decode().splitlines()

    def _problem(self, host: str, program: str) -> CouldNotRun:
        return CouldNotRun(
            Problem(
                f"{program} tried to reach {host}, which is outside the replay",
                expected="all calls through the client passed to the subject, in its own process",
            )
        )


@contextmanager
def sealed(
    stop: Callable[[CouldNotRun], NoReturn], others: Iterable[tuple[frozenset[str], See]] = ()
) -> Iterator[NetworkWatch]:
    """Close the network to the subject while the context is open.

    `stop` ends the cell, `others` are its other watches. Servers that the subject starts on
    loopback can be reached.
    """
    network = private_network()
    with ExitStack() as undo:
        if network is not None:
            undo.enter_context(network.entered())
        listener = ProxyListener()
        undo.callback(listener.close)
        watch = NetworkWatch(stop, listener, network)
        undo.callback(watch.close)
        # Without a namespace a server on loopback may be anybody's.
        direct = environment.LOOPBACK if network is not None else ""
        undo.enter_context(environment.sealed(listener.address, direct))
        undo.enter_context(hook().watching([(_EVENTS, watch.see), *others]))
        yield watch


def check_process(process: int) -> None:
    """Report a call of a model by a process that was forked from this one. Raises `OSError` there.

    It has a copy of its parent's client, whose calls the parent would neither see nor count.
    """
    if os.getpid() != process:
        sys.audit("socket.getaddrinfo", "the provider", None, 0, 0, 0)  # which the watch refuses


@contextmanager
def left() -> Iterator[None]:
    """Have this thread in the machine's own network, unwatched, while the context is open."""
    network = private_network()
    with hook().unwatched(), nullcontext() if network is None else network.left():
        yield


def _addressed(sender: Any, address: Any = None) -> str | None:
    """The server that a socket is about to reach, or None if it stays on this machine."""
    if getattr(sender, "family", None) not in (socket.AF_INET, socket.AF_INET6) or not address:
        return None
    host = _named(address[0])
    if host is None and not _is_outside(address[0]):
        return None
    return f"{address[0]}:{address[1]}"


def _is_outside(host: str) -> bool:
    """True for a numeric address that is not this machine."""
    with suppress(ValueError):
        address = ipaddress.ip_address(host.partition("%")[0])
        address = getattr(address, "ipv4_mapped", None) or address
        return not (address.is_loopback or address.is_unspecified)
    return False


def _named(host: Any) -> str | None:
    """A host whose name only a network can resolve; None for numbers and this machine's names."""
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host or ""
    if name in ("", "localhost", "<broadcast>", socket.gethostname()):
        return None
    with suppress(ValueError):
        ipaddress.ip_address(name.partition("%")[0])
        return None
    return str(name)


def _program(event: str, arguments: tuple[Any, ...]) -> str:
    """The command line of a program that is about to start."""
    if "fork" in event:
        return _FORKED
    if event == "os.system":
        return os.fsdecode(arguments[0])
    words = arguments[2] if event == "os.spawn" else arguments[1]
    if isinstance(words, (str, bytes, os.PathLike)):
        return os.fsdecode(words)
    return shlex.join(os.fsdecode(word) for word in words)
