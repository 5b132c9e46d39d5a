"""Agreement on the environment: the variables that are set are those that the code reads."""

import re
from collections.abc import Iterable, Mapping

from flagbench.acceptance.enterprise.components import names
from flagbench.acceptance.proof import Refuted

VARIABLES = ("DATABASE_PATH", "SECRET_KEY", "PORT", "API_USERS")
_OPTIONAL = ("PORT",)


def check_variables(
    variables: Iterable[str], files: Mapping[str, str], where: str, *, needs_all: bool = False
) -> None:
    """Check that the needed variables are set, and that the code reads the further ones.

    Raises `Refuted`.
    """
    present = set(variables)
    missing = set(VARIABLES) - present - (set() if needs_all else set(_OPTIONAL))
    if missing:
        raise Refuted("agreement", f"{where} does not set {names(missing)}, which the code needs")
    code = "\n".join(text for path, text in files.items() if path.endswith((".py", ".js")))
    for name in sorted(present - set(VARIABLES)):
        if not re.search(rf"\b{re.escape(name)}\b", code) and not name.startswith("PYTHON"):
            raise Refuted("agreement", f"{where} sets {name}, which no code reads")
