"""Names of providers, each of which is the name of a folder of cassettes."""

import re

from flagbench.errors import InputError, Problem

PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"


def checked(name: str) -> str:
    """The name. Raises `InputError` for one that would be another place than a folder's."""
    if re.fullmatch(PATTERN, name) is None:
        expected = "letters, digits, `.`, `_` and `-`, and a letter or digit first, such as openai"
        raise InputError(Problem(f"the provider {name!r} is not a name", expected=expected))
    return name
