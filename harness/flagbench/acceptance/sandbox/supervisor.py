"""Supervisor: the first process of a sandbox. It finds the available namespaces, starts the fork
server in them, and ends everything when the run ends.
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

# Grace period for the fork server to end its children.
_EXIT_SECONDS = 2.0
_MOST_FILES = 1024


def main(control_file: int, life_file: int) -> None:
    """Supervise until the other end of `life_file` is closed, also by a killed test run."""
    _reset_process()
    control = socket.socket(fileno=control_file)
    settings = framing.receive(control)
    config = ForkServerConfig(**{**settings, "limits": Limits(**settings["limits"])})
    config, reasons = _enter_namespaces(config)
    alive, is_alive = os.pipe()
    server = os.fork()
    if server == 0:
        os.close(life_file)
        os.close(alive)
        _run_fork_server(control, config, reasons)
    control.close()
    os.close(is_alive)
    ended, _, _ = select.select([life_file, alive], [], [])
    if alive not in ended:
        select.select([alive], [], [], _EXIT_SECONDS)
    os.kill(server, signal.SIGKILL)
    os.waitpid(server, 0)
    remove_tree(config.folder)


def _reset_process() -> None:
    """Reset inherited signal handlers, file modes and limits."""
    import resource  # noqa: PLC0415  Windows has none

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the test run, which then closes
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.umask(0o022)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _enter_namespaces(config: ForkServerConfig) -> tuple[ForkServerConfig, dict[str, str]]:
    """Enter the namespaces that the fork server and its children share.

    Returns the configuration with the available walls, and the reasons why others are missing.
    """
    if sys.platform != "linux":
        reasons = {wall: "only Linux has it" for wall in config.walls if wall in LINUX_WALLS}
        return replace(
            config, walls=[wall for wall in config.walls if wall not in reasons]
        ), reasons
    wanted = [wall for wall in config.walls if wall in NAMESPACES]
    standing, reasons = namespace_probe.find_available(wanted, config.readable)
    if "user" in standing:
        namespaces.enter_new_user()
    if "pid" in standing:
        # The fork server is the first process in it: when it ends, the kernel ends all others.
        namespaces.enter_new("pid")
    walls = [wall for wall in config.walls if wall in standing or wall not in NAMESPACES]
    return replace(config, walls=walls), reasons


def _run_fork_server(
    control: socket.socket, config: ForkServerConfig, reasons: dict[str, str]
) -> None:
    try:
        server = ForkServer(control, config)
        threads = server.warm_up()
        ready = {"walls": list(config.walls), "reasons": reasons, "threads": threads}
        framing.send(control, {"ready": ready})
        server.serve()
    except BaseException:  # whatever it is, the client must know
        framing.send(control, {"failed": traceback.format_exc()})
    finally:
        os._exit(0)
