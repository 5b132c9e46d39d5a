"""The database module in two styles: tables, and a migration that keeps every row."""

from collections.abc import Callable

from flagbench.simulator.crud.specification import Child, Column, Link, Shape, table_of
from flagbench.simulator.crud.writer.layout import literal, module_text
from flagbench.simulator.names import quoted_column


def _declaration(column: Column) -> str:
    text = column.sql + (" NOT NULL" if column.required else "")
    if column.target:
        on_delete = "RESTRICT" if column.required else "SET NULL"
        text += f" REFERENCES {quoted_column(table_of(column.target))}(id) ON DELETE {on_delete}"
    return text


def _added_column(column: Column) -> str:
    """Declaration for ALTER TABLE, where SQLite accepts a reference only without NOT NULL."""
    if column.target:
        return _declaration(Column(column.name, column.type, False, column.target))
    if column.required:
        return f"{column.sql} NOT NULL DEFAULT {column.neutral}"
    return column.sql


def _main_table(shape: Shape) -> list[str]:
    lines = [f"{quoted_column(c.name)} {_declaration(c)}" for c in shape.columns]
    return _create(shape.table, ["id INTEGER PRIMARY KEY AUTOINCREMENT", *lines])


def _create(table: str, columns: list[str]) -> list[str]:
    inner = [f"    {column}," for column in columns]
    inner[-1] = inner[-1].removesuffix(",")
    return [f"CREATE TABLE IF NOT EXISTS {quoted_column(table)} (", *inner, ")"]


def _link_table(shape: Shape, link: Link) -> list[str]:
    def side(column: str, table: str) -> str:
        target = f"REFERENCES {quoted_column(table)}(id) ON DELETE CASCADE"
        return f"{column} INTEGER NOT NULL {target}"

    sides = [side(link.owner, shape.table), side(link.other, table_of(link.target))]
    return _create(link.table, [*sides, f"PRIMARY KEY ({link.owner}, {link.other})"])


def _child_table(shape: Shape, child: Child) -> list[str]:
    owner = (
        f"{child.owner} INTEGER NOT NULL REFERENCES {quoted_column(shape.table)}(id) "
        "ON DELETE CASCADE"
    )
    declarations = [f"{quoted_column(c.name)} {_declaration(c)}" for c in child.columns]
    return _create(child.table, ["id INTEGER PRIMARY KEY AUTOINCREMENT", owner, *declarations])


def _tables(shape: Shape) -> list[list[str]]:
    links = [_link_table(shape, link) for link in shape.links]
    children = [_child_table(shape, child) for child in shape.children]
    return [_main_table(shape), *links, *children]


def _columns_by_table(shape: Shape) -> list[tuple[str, tuple[Column, ...]]]:
    tables = [(shape.table, shape.columns)]
    tables += [(child.table, child.columns) for child in shape.children]
    return [(table, columns) for table, columns in tables if columns]


def by_declaration(shape: Shape) -> str:
    """One script, and a dictionary of the columns that an older database may lack."""
    head = [f'"""SQLite schema of {shape.table}."""', "", "import sqlite3", "", 'SCHEMA = """']
    for table in _tables(shape):
        head += [*table[:-1], ");"]
    head += ['"""']
    added = ["# What an older table may lack, as ALTER TABLE accepts it.", "ADDED_COLUMNS = {"]
    for name, columns in _columns_by_table(shape):
        added += [f'    "{name}": {{']
        for column in columns:
            added += literal(8, f'"{column.name}": (', _added_column(column), "),")
        added += ["    },"]
    added += ["}"]
    migrate = [
        "def migrate(connection: sqlite3.Connection) -> None:",
        '    """Create missing tables and add missing columns; all rows stay."""',
        "    connection.executescript(SCHEMA)",
        "    for table, columns in ADDED_COLUMNS.items():",
        "        rows = connection.execute(f'PRAGMA table_info(\"{table}\")')",
        "        present = {row[1] for row in rows}",
        "        for name, declaration in columns.items():",
        "            if name not in present:",
        "                connection.execute(",
        "                    f'ALTER TABLE \"{table}\" '",
        "                    f'ADD COLUMN \"{name}\" {declaration}'",
        "                )",
        "    connection.commit()",
    ]
    return module_text([[*head, "", *added], migrate])


def by_statement(shape: Shape) -> str:
    """A constant for each table, and one explicit ALTER TABLE for each column."""
    blocks = [f'"""Tables and migration for {shape.entity}."""', "", "import sqlite3", ""]
    names = []
    for table, lines in zip(_all_tables(shape), _tables(shape), strict=True):
        names.append(f"{table.upper()}_TABLE")
        blocks += [f'{names[-1]} = """', *lines, '"""', ""]
    joined = [f'{"+ " if n else ""}{name}.strip() + ";\\n"' for n, name in enumerate(names)]
    blocks += ["SCHEMA = (", *(f"    {part}" for part in joined), ")"]
    names_of = [
        "def column_names(connection: sqlite3.Connection, table: str) -> set[str]:",
        '    """Return the names of the columns that a table has now."""',
        "    rows = connection.execute(f'PRAGMA table_info(\"{table}\")').fetchall()",
        "    return {row[1] for row in rows}",
    ]
    migrate = [
        "def migrate(connection: sqlite3.Connection) -> None:",
        f'    """Bring the tables of {shape.entity} up to date without losing data."""',
        "    cursor = connection.cursor()",
        *(f"    cursor.execute({name})" for name in names),
    ]
    for table, columns in _columns_by_table(shape):
        migrate.append(f'    existing = column_names(connection, "{table}")')
        for column in columns:
            name = quoted_column(column.name)
            sql = f"ALTER TABLE {quoted_column(table)} ADD COLUMN {name} {_added_column(column)}"
            migrate.append(f'    if "{column.name}" not in existing:')
            migrate += literal(8, "cursor.execute(", sql, ")")
    migrate.append("    connection.commit()")
    return module_text([blocks, names_of, migrate])


def _all_tables(shape: Shape) -> list[str]:
    return [shape.table, *(x.table for x in shape.links), *(x.table for x in shape.children)]


STYLES: tuple[Callable[[Shape], str], ...] = (by_declaration, by_statement)
