"""A child that never runs generated code, and so is kept from one application to the next."""

import contextlib
import copy
import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from flagbench.acceptance.sandbox.child import Child
from flagbench.acceptance.sandbox.errors import Misbehaved, Raised, SandboxFailed
from flagbench.acceptance.sandbox.file_validation import validate
from flagbench.acceptance.sandbox.limits import Limits

# The limits of a child are for its whole life.
_MOST_COMMANDS = 50
_MOST_ANSWERS = 4096


class KeptChild:
    """A child that is begun when it is first asked, and again after a number of commands.

    Its answer may depend on the command and its files alone: the last ones are remembered. Must be
    closed.
    """

    def __init__(self, begin: Callable[[], AbstractContextManager[Child]], limits: Limits) -> None:
        self._begin = begin
        self._limits = limits
        self._child: Child | None = None
        self._stack = ExitStack()
        self._commands = 0
        self._answers: OrderedDict[bytes, Any] = OrderedDict()

    def ask(self, command: Mapping[str, Any], files: Mapping[str, str]) -> Any:
        """Send a command with `files`; the answer.

        A command that fails in a used child is sent to another one, since those before it may have
        used what the limits allow. Raises `Misbehaved`, `Raised`, `SandboxFailed`.
        """
        delivered = validate(files, self._limits)
        text = json.dumps([command, delivered], sort_keys=True)
        key = hashlib.sha256(text.encode()).digest()
        if key not in self._answers:
            self._answers[key] = self._ask({**command, "files": delivered})
            if len(self._answers) > _MOST_ANSWERS:
                self._answers.popitem(last=False)
        return copy.deepcopy(self._answers[key])

    def _ask(self, command: Mapping[str, Any]) -> Any:
        if self._commands >= _MOST_COMMANDS:
            self.close()
        if self._child is None:
            self._child = self._stack.enter_context(self._begin())
        self._commands += 1
        try:
            return self._child.ask(command)
        except (Misbehaved, Raised, SandboxFailed):
            is_used = self._commands > 1
            self.close()
            if not is_used:
                raise
        return self._ask(command)

    def close(self) -> None:
        """End the child."""
        self._child, self._commands = None, 0
        with contextlib.suppress(SandboxFailed):  # an ended fork server has ended its children
            self._stack.close()
