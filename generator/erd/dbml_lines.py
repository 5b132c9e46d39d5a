"""Where things stand in a DBML text; pydbml does not keep their lines."""

import re

_NAME = r'(?:"([^"]+)"|(\w+))'
_TABLE = re.compile(rf"\s*table\s+(?:{_NAME}\.)?{_NAME}", re.IGNORECASE)
_ENUM = re.compile(rf"\s*enum\s+(?:{_NAME}\.)?{_NAME}", re.IGNORECASE)
_COLUMN = re.compile(rf"\s*{_NAME}\s")


class Lines:
    """The lines of tables and columns, from 1; 1 for what is not found."""

    def __init__(self, text: str) -> None:
        self._rows = text.splitlines()
        self._tables: dict[str, int] = {}
        self._enums: dict[str, int] = {}
        self._columns: dict[tuple[str, str], int] = {}
        table = ""
        for number, row in enumerate(self._rows, start=1):
            if found := _TABLE.match(row):
                table = found[3] or found[4]
                self._tables.setdefault(table, number)
                row = row.partition("{")[2]  # noqa: PLW2901  a column may stand behind the brace
            elif found := _ENUM.match(row):
                self._enums.setdefault(found[3] or found[4], number)
                table = ""
            if table and (found := _COLUMN.match(row)):
                self._columns.setdefault((table, found[1] or found[2]), number)

    def of_table(self, name: str) -> int:
        """The line where a table begins."""
        return self._tables.get(name, 1)

    def of_enum(self, name: str) -> int:
        """The line where an enum begins."""
        return self._enums.get(name, 1)

    def of_column(self, table: str, name: str) -> int:
        """The line of a column."""
        return self._columns.get((table, name), self.of_table(table))

    def of_message(self, message: str) -> int:
        """The line that names what an error is about: the last row with most of its words."""
        words = set(re.findall(r"\w+", message))
        counts = [len(words & set(re.findall(r"\w+", row))) for row in self._rows] or [0]
        most = max(counts)
        return len(counts) - counts[::-1].index(most) if most else 1
