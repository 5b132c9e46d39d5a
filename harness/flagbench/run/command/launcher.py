"""Start of a command behind its walls: run as a script, which becomes the command.

Its argument is a JSON text: `words` to execute, `path` to import from, the `socket` to hand over
the listener of its sleeps and `alarms` (None without), the variables of the `clock` that it follows
then, the folder `work` to write to (None without a wall).
"""

import contextlib
import json
import os
import signal
import sys

# Where a command may write besides its folder: terminals and shared memory are no files of a user.
_WRITABLE = ("/dev",)
_PR_SET_PDEATHSIG = 1


def main(text: str) -> None:
    """Raise the walls, then execute the command. Raises `OSError`."""
    given = json.loads(text)
    sys.path.append(given["path"])
    if sys.platform == "linux":
        _die_with_parent()
    if given["work"] is not None:
        _limit_writing(given["work"])
    if given["socket"] is not None and _hand_over_sleeps(given["socket"], given["alarms"]):
        os.environ.update(given["clock"])
    words = given["words"]
    try:
        os.execv(words[0], words)  # noqa: S606  no shell is wanted
    except OSError as error:
        sys.stderr.write(f"{words[0]}: {error.strerror}\n")
        sys.exit(126)


def _die_with_parent() -> None:
    import ctypes  # noqa: PLC0415  on Linux alone

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def _limit_writing(work: str) -> None:
    """Allow writing in one folder and to devices; everything may be read and executed."""
    from landlockpy import AccessFS, AccessNet, Ruleset, Scope  # noqa: PLC0415  as above

    reading = AccessFS.READ_FILE | AccessFS.READ_DIR | AccessFS.EXECUTE
    with Ruleset(handled_net=AccessNet.NONE, scoped=Scope.SIGNAL) as rules:
        rules.allow_path("/", reading)
        for path in (*_WRITABLE, work):
            rules.allow_path(path, rules.handled_fs)
        rules.restrict()


def _hand_over_sleeps(descriptor: int, alarms: "list[str]") -> bool:
    """Have the sleeps of this process and its descendants answered by who started it.

    False if another supervisor has them: they stay real.
    """
    import array  # noqa: PLC0415  as above
    import socket  # noqa: PLC0415

    from seccompy import Action, Filter, FilterFlag, SeccompError  # noqa: PLC0415

    rules = Filter(default=Action.ALLOW, flags=FilterFlag.NEW_LISTENER)
    for name in ("nanosleep", "clock_nanosleep", *alarms):
        with contextlib.suppress(ValueError):  # not of this architecture
            rules.notify(name)
    with socket.socket(fileno=descriptor) as channel:
        try:
            listener = rules.load()
        except SeccompError:
            channel.send(b"r")
            return False
        assert listener is not None  # noqa: S101  as the flag says
        handed = array.array("i", [listener.fileno()])
        channel.sendmsg([b"s"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, handed)])
    return True


if __name__ == "__main__":
    main(sys.argv[1])
