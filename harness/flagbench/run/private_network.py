"""A network namespace for cells: loopback alone, on which every attempt to leave it is seen.

Linux, with the right to make one (CAP_SYS_ADMIN), only. A namespace is a property of a thread: the
cell's thread enters and leaves it; the threads and programs that it starts stay in it.
"""

import contextlib
import functools
import ipaddress
import os
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flagbench.acceptance.sandbox import linux_calls, namespaces

_NETWORK = 0x40000000  # CLONE_NEWNET, linux/sched.h
_OWN_NAMESPACE = "/proc/thread-self/ns/net"
_SYN, _RST, _ACK = 0x02, 0x04, 0x10
_TCP, _UDP, _DNS_PORT = 6, 17, 53
_SO_ATTACH_FILTER, _ETH_P_ALL = 26, 3
# linux/filter.h: every datagram of UDP, and what begins, refuses or resets a connection of TCP,
# over IPv4 or IPv6. Each line is code, jump if true, jump if false, value.
_FILTER = (
    (0x30, 0, 0, 0),
    (0x54, 0, 0, 0xF0),
    (0x15, 0, 6, 0x40),
    (0x30, 0, 0, 9),
    (0x15, 9, 0, _UDP),
    (0x15, 0, 9, _TCP),
    (0xB1, 0, 0, 0),
    (0x50, 0, 0, 13),
    (0x45, 5, 6, _SYN | _RST),
    (0x30, 0, 0, 6),
    (0x15, 3, 0, _UDP),
    (0x15, 0, 3, _TCP),
    (0x30, 0, 0, 53),
    (0x45, 0, 1, _SYN | _RST),
    (0x06, 0, 0, 0xFFFF),
    (0x06, 0, 0, 0),
)


@dataclass(slots=True)
class _Seen:
    """Servers in the packets: outside loopback, refused on it, and answering on it; asked names."""

    outside: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    served: set[str] = field(default_factory=set)

    @property
    def attempts(self) -> tuple[str, ...]:
        """Servers outside, and ports on loopback that nothing in the namespace serves."""
        refused = (server for server in self.refused if server not in self.served)
        return tuple(dict.fromkeys((*self.outside, *refused)))


class PrivateNetwork:
    """The namespace of this process's cells. Raises `OSError` where it cannot be made."""

    def __init__(self) -> None:
        self._outside = os.open(_OWN_NAMESPACE, os.O_RDONLY | os.O_CLOEXEC)
        try:
            namespaces.enter_new_network()
            try:
                self._inside = os.open(_OWN_NAMESPACE, os.O_RDONLY | os.O_CLOEXEC)
                self._packets = _packet_socket()
                _route_everything_to_loopback()
            finally:
                linux_calls.enter_namespace(self._outside, _NETWORK)
        except BaseException:
            os.close(self._outside)
            raise

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Have this thread, and what it starts, in the namespace while the context is open."""
        linux_calls.enter_namespace(self._inside, _NETWORK)
        try:
            self.attempts()
            yield
        finally:
            linux_calls.enter_namespace(self._outside, _NETWORK)

    @contextmanager
    def left(self) -> Iterator[None]:
        """Have this thread out of the namespace while the context is open."""
        before = os.open(_OWN_NAMESPACE, os.O_RDONLY | os.O_CLOEXEC)
        try:
            linux_calls.enter_namespace(self._outside, _NETWORK)
            yield
        finally:
            linux_calls.enter_namespace(before, _NETWORK)
            os.close(before)

    def attempts(self) -> tuple[str, ...]:
        """Servers outside that something in the namespace tried to reach since the last look."""
        seen = _Seen()
        with contextlib.suppress(BlockingIOError):
            while True:
                _look_at(self._packets.recv(2048), seen)
        return seen.attempts


@functools.cache
def private_network() -> PrivateNetwork | None:
    """The namespace of this process, or None where there can be none."""
    if sys.platform != "linux":
        return None
    try:
        return PrivateNetwork()
    except (OSError, AttributeError):  # no right to it; a C library without the calls
        return None


def _packet_socket() -> socket.socket:
    """A socket that receives the packets of the filter, from their IP header on."""
    packets = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
    program = b"".join(struct.pack("HBBI", *line) for line in _FILTER)
    import ctypes  # noqa: PLC0415  needed once per process

    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HL", len(_FILTER), ctypes.addressof(buffer))
    packets.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, header)
    packets.bind(("lo", _ETH_P_ALL))
    packets.setblocking(False)
    return packets


def _route_everything_to_loopback() -> None:
    """Make every address a local one, so that attempts are seen, and refused at once."""
    request, acknowledge, create, new_route = 0x1, 0x4, 0x400, 24  # linux/netlink.h, rtnetlink.h
    local_table, static, host_scope, local = 255, 4, 254, 2
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as netlink:
        for family in (socket.AF_INET, socket.AF_INET6):
            route = struct.pack(
                "BBBBBBBBI", family, 0, 0, 0, local_table, static, host_scope, local, 0
            )
            interface = struct.pack("HHI", 8, 4, socket.if_nametoindex("lo"))
            body = route + interface
            flags = request | acknowledge | create
            netlink.send(struct.pack("IHHII", 16 + len(body), new_route, flags, 1, 0) + body)
            (error,) = struct.unpack_from("i", netlink.recv(4096), 16)
            if error and family == socket.AF_INET:  # a kernel may lack IPv6
                raise OSError(-error, os.strerror(-error), "route")


def _look_at(packet: bytes, seen: _Seen) -> None:
    if packet[0] >> 4 == 4:
        protocol, start = packet[9], 4 * (packet[0] & 0xF)
        source, target = (ipaddress.ip_address(packet[at : at + 4]) for at in (12, 16))
    else:
        protocol, start = packet[6], 40
        source, target = (ipaddress.ip_address(packet[at : at + 16]) for at in (8, 24))
    source_port, target_port = struct.unpack_from("!HH", packet, start)
    if protocol == _UDP:
        if target_port == _DNS_PORT:
            seen.outside.append(_asked_name(packet[start + 8 :]))
        elif not target.is_loopback and not source.is_loopback:
            seen.outside.append(_server(target, target_port))
        return
    sequence, flags = struct.unpack_from("!I4xxB", packet, start + 4)
    if flags & _SYN and flags & _ACK:
        seen.served.add(_server(source, source_port))
    elif flags & _SYN and not target.is_loopback:
        seen.outside.append(_server(target, target_port))
    elif flags & _RST and source.is_loopback and sequence == 0:
        seen.refused.append(_server(source, source_port))


def _server(host: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int) -> str:
    return f"[{host}]:{port}" if host.version == 6 else f"{host}:{port}"


def _asked_name(query: bytes) -> str:
    """The host name that a DNS query asks for (RFC 1035, 4.1.2)."""
    labels, place = [], 12
    while place < len(query) and (length := query[place]):
        labels.append(query[place + 1 : place + 1 + length].decode("ascii", "replace"))
        place += 1 + length
    return ".".join(labels) or "a name server"
