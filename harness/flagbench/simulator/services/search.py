"""A code search with Sourcegraph's GraphQL shape, over a full-text index of lines in SQLite."""

import json
import re
import sqlite3
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from flagbench.simulator.services.answer import Answer, Asked

PATH = "/.api/graphql"
REPOSITORY = "example.org/assembly"
MOST_LINES = 30
# Assumptions, see docs/optimizer.md: connection and authentication, then the work on one query.
OVERHEAD_SECONDS = 0.15
WORK_SECONDS = 0.35
_TABLE = """CREATE VIRTUAL TABLE lines
    USING fts5(text, path UNINDEXED, number UNINDEXED, tokenize="unicode61 tokenchars '_'")"""
_SELECT = """SELECT path, number, text FROM lines WHERE lines MATCH ?
    ORDER BY path, number LIMIT ?"""
_ALIAS = re.compile(r"(\w+)\s*:\s*search\s*\(\s*query\s*:\s*\$(\w+)")


class Search:
    """An index of files: a query finds the lines that have all of its words."""

    def __init__(self, files: Mapping[str, str]) -> None:
        # The server answers in a thread of its own.
        self._index = sqlite3.connect(":memory:", check_same_thread=False)
        self._index.execute(_TABLE)
        self._index.executemany(
            "INSERT INTO lines VALUES (?, ?, ?)",
            (
                (line, path, number)
                for path in sorted(files)
                for number, line in enumerate(files[path].splitlines())
            ),
        )

    def respond(self, asked: Asked) -> Answer:
        """The answer to a GraphQL request with one search, or several under aliases."""
        if (asked.method, asked.path) != ("POST", PATH):
            return Answer(404, {"error": "not found"})
        try:
            body = json.loads(asked.body)
            aliases = _ALIAS.findall(body["query"])
            data = {name: self._found(body["variables"][variable]) for name, variable in aliases}
        except (ValueError, KeyError, TypeError) as error:
            return Answer(200, {"errors": [{"message": f"not understood: {error!r}"}]})
        if not data:
            return Answer(200, {"errors": [{"message": "expected: NAME: search(query: $NAME)"}]})
        return Answer(200, {"data": data}, {}, OVERHEAD_SECONDS + WORK_SECONDS * len(data))

    def _found(self, query: str) -> dict[str, Any]:
        words = re.findall(r"\w+", query)
        wanted = " ".join(f'"{word}"' for word in words)
        rows = self._index.execute(_SELECT, (wanted, MOST_LINES + 1)).fetchall() if words else []
        results = [
            {
                "repository": {"name": REPOSITORY},
                "file": {"path": path},
                "lineMatches": [{"lineNumber": line, "preview": text} for _, line, text in lines],
            }
            for path, lines in groupby(rows[:MOST_LINES], key=lambda row: row[0])
        ]
        return {"search": {"results": {"limitHit": len(rows) > MOST_LINES, "results": results}}}
