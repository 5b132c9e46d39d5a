"""The warm parent, in its own process: it forks children, ends them, and tells how they ended."""

import asyncio
import contextlib
import gc
import importlib
import os
import signal
import socket
import sys
import time
import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from flagbench.acceptance.sandbox import (
    child_main,
    framing,
    linux_calls,
    namespaces,
    root_filesystem,
    seccomp,
)
from flagbench.acceptance.sandbox.confinement import Confinement, confine
from flagbench.acceptance.sandbox.limits import Limits
from flagbench.acceptance.sandbox.procfs import ProcessStatus

if TYPE_CHECKING:  # installed on Linux alone
    from seccompy import Filter

# How long a child may take to end that has closed its socket: its memory is given back first.
_DYING_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class ForkServerConfig:
    """What a warm parent is told at its start; `walls` are those that a child may have."""

    warm: str
    readable: Mapping[str, str]
    walls: Collection[str]
    limits: Limits
    folder: str


class ForkServer:
    """Serves one control socket; `order.folder` is there where children share the file system."""

    def __init__(self, control: socket.socket, order: ForkServerConfig) -> None:
        self._control = control
        self._order = order
        self._living: dict[int, int] = {}
        if sys.platform == "linux":
            import landlockpy  # noqa: PLC0415  installed on Linux alone
            import seccompy  # noqa: PLC0415

            linux_calls.die_with_parent(signal.SIGKILL)
            linux_calls.adopt_orphans()
            # Both look for the C library with programs that they start: not in a child, then.
            landlockpy.supported()
            seccompy.supported()
        self._vitals = ProcessStatus()
        self._own_files = frozenset(self._vitals.open_files())
        self._has_root = "mount" in order.walls
        if self._has_root:
            root_filesystem.change(order.readable)
        self._calls: Filter | None = None
        if "seccomp" in order.walls:
            with contextlib.suppress(OSError, KeyError):  # the child then reports a missing wall
                self._calls = seccomp.common_filter(
                    has_own_network="network" in order.walls, has_own_files=self._has_root
                )

    def warm_up(self) -> int:
        """Do once what no child shall pay for; the number of threads that this left running."""
        work = self._work("warm")
        os.chdir(work)
        os.environ.update(child_main.environment(work))
        child_main.named(self._order.warm)()
        with warnings.catch_warnings():
            # An event loop left behind would be shared with every child.
            warnings.simplefilter("ignore", DeprecationWarning)
            if sys.version_info < (3, 14):
                asyncio.set_event_loop_policy(None)
            else:
                asyncio.set_event_loop(None)
        gc.collect()
        gc.freeze()  # a collection in a child shall not copy what it shares
        return self._vitals.threads()

    def serve(self) -> None:
        """Do what is asked. Returns when nobody can ask any more, and no child lives."""
        while True:
            begun, files, _, _ = socket.recv_fds(self._control, 65536, 2)
            if not begun:
                break
            request = framing.receive(self._control, begun)
            try:
                told = self._do(request, files)
            except Exception as error:  # told to whom asked, who tells the user
                told = {"failed": f"{type(error).__name__}: {error}"}
            finally:
                for file in files:
                    os.close(file)
            framing.send(self._control, {"of": request["of"], **told})
        for child in tuple(self._living):
            self._end(child, is_patient=False)

    def _do(self, request: dict[str, Any], files: list[int]) -> dict[str, Any]:
        if request["do"] == "fork":
            self._fork(request, *files)
            return {}
        return self._end(request["child"], is_patient=request["is_patient"])

    def _fork(self, request: dict[str, Any], sock_file: int, output_file: int) -> None:
        # What answers is imported here, so that it is paid for once.
        importlib.import_module(request["answer"].partition(":")[0])
        walls, mapped_bytes = frozenset(request["walls"]), self._vitals.mapped_bytes()
        inherited = self._vitals.open_files() - self._own_files - {sock_file, output_file}
        if "pid" in walls:
            # The next process is the first of a new namespace, and the one after it is not.
            namespaces.leave("pid")
        child = -1
        try:
            child = os.fork()
        finally:
            if child != 0 and "pid" in walls:
                self._vitals.return_to_pid_namespace()
        if child:
            self._living[request["child"]] = child
            return
        try:
            if sys.platform == "linux":
                linux_calls.die_with_parent(signal.SIGKILL)
            self._be_child(request, walls, mapped_bytes, sock_file, output_file, inherited)
        finally:
            os._exit(1)

    def _be_child(
        self,
        request: dict[str, Any],
        walls: frozenset[str],
        mapped_bytes: int,
        sock_file: int,
        output_file: int,
        inherited: Collection[int],
    ) -> NoReturn:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for file in self._own_files - {0, 1, 2}:
            os.close(file)
        # Objects of the parent still hold these numbers: closed, another file would get them.
        for file in (0, *inherited):
            os.dup2(nowhere, file)
        for file in (1, 2):
            os.dup2(output_file, file)
        os.close(output_file)
        os.close(nowhere)
        work = self._work(str(request["child"]))
        ground = Confinement(self._order.limits, tuple(self._order.readable), self._calls)

        def up() -> dict[str, str]:
            return confine(
                ground, walls, work=work, mapped_bytes=mapped_bytes, tasks=request["tasks"]
            )

        child_main.run_child(socket.socket(fileno=sock_file), up, request["answer"], work)

    def _work(self, name: str) -> str:
        if self._has_root:
            return root_filesystem.WORK
        work = Path(self._order.folder, name)
        work.mkdir(mode=0o700)
        return str(work)

    def _end(self, child: int, *, is_patient: bool) -> dict[str, Any]:
        """End a child, after it had time to do so itself; how it ended, and its CPU seconds."""
        process = self._living.pop(child)
        until = time.monotonic() + (_DYING_SECONDS if is_patient else 0.0)
        while True:
            ended, status, use = os.wait4(process, os.WNOHANG)
            if ended or time.monotonic() >= until:
                break
            time.sleep(0.001)
        if not ended:
            os.kill(process, signal.SIGKILL)
            _, status, use = os.wait4(process, 0)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process, signal.SIGKILL)
        self._vitals.end_strays(self._living.values())
        return {
            "exit_code": os.waitstatus_to_exitcode(status),
            "cpu_seconds": use.ru_utime + use.ru_stime,
            "was_alive": not ended,
        }
