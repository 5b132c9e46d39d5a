"""Secrets that a file has as they are, though each deployment has its own."""

import re
from typing import Any

from flagbench.acceptance.proof import Refuted

SECRETS = ("SECRET_KEY", "API_USERS")
# A value that is put in when the file is used: ${NAME}, $NAME, $(NAME), {{ name }}.
_REFERENCE = re.compile(r"\$\w+|\$\{\w+(?::?\?[^}]*|:?[-=])?\}|\$\([^)]*\)|\{\{[^}]*\}\}")
_NESTED = re.compile(r"\$\{\w+:?[-=+](\$\w+|\$\{\w+(?::?\?[^}]*)?\})\}")


def is_written(value: Any) -> bool:
    """True for a value that the file itself has, a default included; false for a reference."""
    text = _NESTED.sub(r"\1", str("" if value is None else value).strip().strip("\"'"))
    return _REFERENCE.sub("", text).strip(" ,:") != ""


def check_secret(name: str, value: Any, where: str) -> None:
    """Check that a secret has no value here. Raises `Refuted`, without the value."""
    if name in SECRETS and is_written(value):
        what = f"{where} has the value of {name} itself; expected: a reference to it"
        raise Refuted("agreement", what)
