"""Commands that start the service: what they start, where it listens."""

import re
from collections.abc import Mapping
from typing import Any

from flagbench.acceptance.enterprise.api import PORT
from flagbench.acceptance.proof import Refuted

STARTS: Mapping[str, str] = {
    "FastAPI": r"\buvicorn\b.*\bcore\.main:app\b",
    "Flask": r"\bcore\.main:app\b",
    "Django": r"\bcore\.main:app\b",
    "Express": r"\bnode\b.*\bcore/main(\.js)?\b",
}
_PORT = re.compile(r"(?:--port|-p)[\s=]+(\d+)\b|(?:--bind|-b)[\s=]+\S*?:(\d+)\b")
_HERE = re.compile(r"(?:--host|--bind|-b)[\s=]+(127\.0\.0\.1|localhost)\b")


def plain_command(value: Any) -> str:
    """A command, a list or a text, as one text without quotes."""
    text = " ".join(map(str, value)) if isinstance(value, list) else str(value or "")
    return re.sub(r"""["',\[\]]""", " ", text)


def check_listens(command: str, where: str) -> None:
    """Check that a server is given no other port, and answers other hosts. Raises `Refuted`."""
    for match in _PORT.finditer(command):
        port = match[1] or match[2]
        if port != PORT:
            what = f"{where} starts the service on port {port}; expected: {PORT}"
            raise Refuted("agreement", what)
    is_default = re.search(r"\buvicorn\b", command) and not re.search(
        r"--host\b|--uds\b|--fd\b|UVICORN_HOST", command
    )
    if is_default or _HERE.search(command):
        what = f"{where} starts the service for its own host only; expected: --host 0.0.0.0"
        raise Refuted("agreement", what)
