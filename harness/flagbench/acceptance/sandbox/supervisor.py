"""The first process of a sandbox: finds the namespaces that can be had, starts the warm parent in
them, and sees to it that nothing outlives the run.
"""

import os
import select
import signal
import socket
import sys
import traceback
from dataclasses import replace

from flagbench.acceptance.sandbox import framing, namespace_probe, namespaces
from flagbench.acceptance.sandbox.cleanup import remove_tree
from flagbench.acceptance.sandbox.fork_server import ForkServer, ForkServerConfig
from flagbench.acceptance.sandbox.isolation import LINUX_WALLS, NAMESPACES
from flagbench.acceptance.sandbox.limits import Limits

# What the warm parent gets to end its children when nobody asks any more.
_LEAVING_SECONDS = 2.0
_MOST_FILES = 1024


def main(control_file: int, life_file: int) -> None:
    """Be the keeper until the other end of `life_file` is closed, be it by a killed test run."""
    _forget_the_run()
    control = socket.socket(fileno=control_file)
    told = framing.receive(control)
    order = ForkServerConfig(**{**told, "limits": Limits(**told["limits"])})
    order, reasons = _enter_namespaces(order)
    alive, is_alive = os.pipe()
    parent = os.fork()
    if parent == 0:
        os.close(life_file)
        os.close(alive)
        _be_parent(control, order, reasons)
    control.close()
    os.close(is_alive)
    ended, _, _ = select.select([life_file, alive], [], [])
    if alive not in ended:
        select.select([alive], [], [], _LEAVING_SECONDS)
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    remove_tree(order.folder)


def _forget_the_run() -> None:
    """Undo what a process inherits of signals, modes and limits."""
    import resource  # noqa: PLC0415  Windows has none

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the run, which then closes
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.umask(0o022)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _enter_namespaces(order: ForkServerConfig) -> tuple[ForkServerConfig, dict[str, str]]:
    """Enter what the warm parent and its children share; the walls left, and why others are not."""
    if sys.platform != "linux":
        reasons = {wall: "only Linux has it" for wall in order.walls if wall in LINUX_WALLS}
        return replace(order, walls=[wall for wall in order.walls if wall not in reasons]), reasons
    wanted = [wall for wall in order.walls if wall in NAMESPACES]
    standing, reasons = namespace_probe.possible(wanted, order.readable)
    if "user" in standing:
        namespaces.leave_user()
    if "pid" in standing:
        # The warm parent is the first in it: when it ends, the kernel ends all others.
        namespaces.leave("pid")
    walls = [wall for wall in order.walls if wall in standing or wall not in NAMESPACES]
    return replace(order, walls=walls), reasons


def _be_parent(control: socket.socket, order: ForkServerConfig, reasons: dict[str, str]) -> None:
    try:
        nursery = ForkServer(control, order)
        threads = nursery.warm_up()
        ready = {"walls": list(order.walls), "reasons": reasons, "threads": threads}
        framing.send(control, {"ready": ready})
        nursery.serve()
    except BaseException:  # this process is the harness's, and its end must be told
        framing.send(control, {"failed": traceback.format_exc()})
    finally:
        os._exit(0)
