"""The journal of a recording: what was paid for, kept the moment it arrives.

While recording, every answer is appended to `<cassette>.part`; at the end the cassette is written
whole and the journal goes. A journal that is still there (a killed recorder, a full disk) is taken
in by the next recording.
"""

import base64
import json
from pathlib import Path

from harness.errors import CouldNotRun, Problem
from harness.tape import Interaction


def path_of(cassette: Path) -> Path:
    """Where the answers of an unfinished recording are."""
    return cassette.with_name(cassette.name + ".part")


def append(cassette: Path, interaction: Interaction) -> None:
    """Keep one answer now. Raises `CouldNotRun` for a full disk; earlier lines stay readable."""
    line = json.dumps(
        {
            "method": interaction.method,
            "path": interaction.path,
            "request_body": base64.b64encode(interaction.request_body).decode(),
            "status": interaction.status,
            "reason": interaction.reason,
            "headers": {name: list(values) for name, values in interaction.headers.items()},
            "response_body": base64.b64encode(interaction.response_body).decode(),
            "elapsed_seconds": interaction.elapsed_seconds,
        }
    )
    path = path_of(cassette)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as stream:
            # A line that a killed recorder cut off must not take this one with it.
            cut_off = stream.tell() > 0 and not _ends_a_line(path)
            stream.write(b"\n" * cut_off + line.encode() + b"\n")
    except OSError as error:
        raise CouldNotRun(
            Problem(
                f"an answer could not be kept ({error.strerror}); the earlier ones are",
                where=str(path),
                mend="free some space and run the same command again",
            )
        ) from error


def read(cassette: Path) -> list[Interaction]:
    """The answers of an interrupted recording; a last line that was cut off is left out."""
    path = path_of(cassette)
    if not path.exists():
        return []
    kept = []
    for line in path.read_bytes().split(b"\n"):
        try:
            raw = json.loads(line)
        except ValueError:
            continue
        raw["request_body"] = base64.b64decode(raw["request_body"])
        raw["response_body"] = base64.b64decode(raw["response_body"])
        raw["headers"] = {name: tuple(values) for name, values in raw["headers"].items()}
        kept.append(Interaction(**raw))
    return kept


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as stream:
        stream.seek(-1, 2)
        return stream.read() == b"\n"
