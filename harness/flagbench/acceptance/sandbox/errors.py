"""Faults of the generated code (`Misbehaved`, `Raised`) and of the harness (`SandboxFailed`)."""

from flagbench.errors import CouldNotRun


class Misbehaved(Exception):  # noqa: N818  what a person reads: the child misbehaved
    """The child died, hung, flooded its output or broke the protocol; the message says which."""


class BadFiles(Misbehaved):
    """The files cannot be laid out in a folder; `fix` says what they must be."""

    def __init__(self, what: str, fix: str) -> None:
        self.fix = fix
        super().__init__(what)


class TimedOut(Misbehaved):
    """The child did not answer in time; on a busy machine that may happen to slow code too."""


class Raised(Exception):  # noqa: N818  the child's own exception
    """The generated code raised an exception; the child lives on.

    `type` is the exception's name, `traceback_text` the end of its traceback.
    """

    def __init__(self, type: str, message: str, traceback_text: str = "") -> None:  # noqa: A002  as in the frame
        self.type = type
        self.message = message
        self.traceback_text = traceback_text
        super().__init__(f"{type}: {message}" if message else type)


class SandboxFailed(CouldNotRun):
    """The harness could not run the generated code; never the artifact's fault."""
