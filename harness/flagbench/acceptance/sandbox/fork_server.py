"""Fork server: a process with all imports done, which forks children and ends them."""

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
from typing import Any, NoReturn

from flagbench.acceptance.sandbox import (
    child_main,
    confinement,
    framing,
    linux_calls,
    namespaces,
    root_filesystem,
)
from flagbench.acceptance.sandbox.confinement import Confinement
from flagbench.acceptance.sandbox.limits import Limits
from flagbench.acceptance.sandbox.places import Places
from flagbench.acceptance.sandbox.procfs import ProcessStatus

# Grace period of a child that has closed its socket: its memory is given back first.
_EXIT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class ForkServerConfig:
    """Configuration of a fork server; `walls` are those that a child may have.

    `readable` maps a path to its target when links are followed; `folder` holds the children's
    directories where they share the file system. `runs_programs`: they may execute programs.
    """

    warm: str
    readable: Mapping[str, str]
    walls: Collection[str]
    limits: Limits
    folder: str
    runs_programs: bool = False


@dataclass(frozen=True, slots=True)
class ChildFiles:
    """Descriptors of a child: its socket, its output, and the socket on which it may serve."""

    sock: int
    output: int
    listening: int | None


class ForkServer:
    """Serves one control socket."""

    def __init__(self, control: socket.socket, config: ForkServerConfig) -> None:
        self._control = control
        self._config = config
        self._children: dict[int, int] = {}
        self._killed: set[int] = set()
        if sys.platform == "linux":
            linux_calls.die_with_parent(signal.SIGKILL)
            linux_calls.adopt_orphans()
            confinement.find_libraries()
        self._status = ProcessStatus()
        self._own_files = frozenset(self._status.open_files())
        self._has_root = "mount" in config.walls
        if self._has_root:
            root_filesystem.change(config.readable)
        self._places = Places(config.folder, config.limits, has_root=self._has_root)
        self._calls = confinement.make_ready(
            config.walls,
            root_filesystem.WORK if self._has_root else config.folder,
            runs_programs=config.runs_programs,
        )

    def warm_up(self) -> int:
        """Call the warm-up function once for all children; return the number of threads it left."""
        work = root_filesystem.WORK
        if not self._has_root:
            work = f"{self._config.folder}/warm"
            Path(work).mkdir(mode=0o700)
        os.chdir(work)
        os.environ.update(child_main.environment(work))
        child_main.resolve(self._config.warm)()
        with warnings.catch_warnings():
            # An event loop left behind would be shared with every child.
            warnings.simplefilter("ignore", DeprecationWarning)
            if sys.version_info < (3, 14):
                asyncio.set_event_loop_policy(None)
            else:
                asyncio.set_event_loop(None)
        gc.collect()
        gc.freeze()  # else a collection in a child would copy shared pages
        return self._status.threads()

    def serve(self) -> None:
        """Serve requests until the control socket is closed, then end all children."""
        while True:
            begun, files, _, _ = socket.recv_fds(self._control, 65536, 3)
            if not begun:
                break
            request = framing.receive(self._control, begun)
            try:
                reply = self._do(request, files)
            except Exception as error:  # the client reports it to the user
                reply = {"failed": f"{type(error).__name__}: {error}"}
            finally:
                for file in files:
                    os.close(file)
            framing.send(self._control, {"of": request["of"], **reply})
        for child in tuple(self._children):
            self._end(child, is_patient=False)
        self._reap(is_patient=True)

    def _do(self, request: dict[str, Any], files: list[int]) -> dict[str, Any]:
        # A disk of its own may go before those that still end on it.
        shares_files = request["do"] == "close" and not self._has_root
        self._reap(is_patient=request["do"] == "tidy" or shares_files)
        if request["do"] == "fork":
            self._fork(request, *files)
            return {}
        if request["do"] == "tidy":
            self._places.tidy(request["place"], request["kept"])
            return {}
        if request["do"] == "close":
            self._places.close(request["place"])
            return {}
        return self._end(request["child"], is_patient=request["is_patient"])

    def _fork(
        self,
        request: dict[str, Any],
        sock_file: int,
        output_file: int,
        listening: int | None = None,
    ) -> None:
        """Fork a child in its place; it may serve on the socket `listening`."""
        place = self._places.open(request["place"])
        # Imported here, so that only the first child waits for it.
        importlib.import_module(request["answer"].partition(":")[0])
        walls, mapped_bytes = frozenset(request["walls"]), self._status.mapped_bytes()
        inherited = self._status.open_files() - self._own_files
        inherited -= {sock_file, output_file, listening}
        if "pid" in walls:
            # Only the next process is to be the first of a new namespace.
            namespaces.enter_new("pid")
        child = -1
        try:
            child = os.fork()
        finally:
            if child != 0 and "pid" in walls:
                self._status.return_to_pid_namespace()
        if child:
            self._children[request["child"]] = child
            return
        try:
            if sys.platform == "linux":
                linux_calls.die_with_parent(signal.SIGKILL)
            channel = ChildFiles(sock_file, output_file, listening)
            self._run_child(request, walls, mapped_bytes, channel, inherited, place)
        finally:
            os._exit(1)

    def _run_child(
        self,
        request: dict[str, Any],
        walls: frozenset[str],
        mapped_bytes: int,
        files: ChildFiles,
        inherited: Collection[int],
        place: str,
    ) -> NoReturn:
        null = os.open(os.devnull, os.O_RDWR)
        for file in self._own_files - {0, 1, 2}:
            os.close(file)
        # Objects of the parent still hold these numbers: if closed, another file would get them.
        for file in (0, *inherited):
            os.dup2(null, file)
        for file in (1, 2):
            os.dup2(files.output, file)
        os.close(files.output)
        os.close(null)
        shared = Confinement(
            self._config.limits,
            tuple(self._config.readable),
            self._calls,
            self._config.runs_programs,
        )

        def raise_walls() -> dict[str, str]:
            return confinement.confine(
                shared, walls, place=place, mapped_bytes=mapped_bytes, tasks=request["tasks"]
            )

        work = root_filesystem.WORK if self._has_root else place
        listening = None if files.listening is None else socket.socket(fileno=files.listening)
        child_main.run_child(
            socket.socket(fileno=files.sock), raise_walls, request["answer"], work, listening
        )

    def _end(self, child: int, *, is_patient: bool) -> dict[str, Any]:
        """End a child; its exit and CPU seconds if it ends within a grace period (`is_patient`).

        A killed child is not waited for: its memory is given back meanwhile.
        """
        process = self._children.pop(child)
        until = time.monotonic() + (_EXIT_SECONDS if is_patient else 0.0)
        while is_patient:
            ended, status, use = os.wait4(process, os.WNOHANG)
            if ended:
                self._kill_group(process)
                self._end_strays()
                return {
                    "exit_code": os.waitstatus_to_exitcode(status),
                    "cpu_seconds": use.ru_utime + use.ru_stime,
                    "was_alive": False,
                }
            if time.monotonic() >= until:
                break
            time.sleep(0.001)
        os.kill(process, signal.SIGKILL)
        self._kill_group(process)
        self._killed.add(process)
        return {"exit_code": -signal.SIGKILL, "cpu_seconds": 0.0, "was_alive": True}

    def _reap(self, *, is_patient: bool) -> None:
        """Reap the killed children that have ended, or wait for all of them."""
        for process in tuple(self._killed):
            ended, _, _ = os.wait4(process, 0 if is_patient else os.WNOHANG)
            if ended:
                self._killed.remove(process)
                self._end_strays()

    def _kill_group(self, process: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process, signal.SIGKILL)

    def _end_strays(self) -> None:
        self._status.end_strays((*self._children.values(), *self._killed))
