"""The tables of an entity as its specification has them, for where no generated schema stands."""

from collections.abc import Sequence

from flagbench.scenario.specification import Attribute, Entity

_SQL_TYPES = {"integer": "INTEGER", "number": "REAL", "boolean": "INTEGER"}


def statements(entity: Entity, related: Sequence[Entity]) -> list[str]:
    """CREATE TABLE for the entity, its links and its children.

    A relation to an entity that is not among `related` is left out.
    """
    tables = {one.entity: one for one in (*related, entity)}
    own = ["id INTEGER PRIMARY KEY AUTOINCREMENT", *map(_column, entity.values)]
    others = []
    back = f"{entity.module}_id INTEGER NOT NULL {_key(entity, ' ON DELETE CASCADE')}"
    for name, relation in entity.relations.items():
        if relation.target is None:
            columns = [own[0], back, *map(_column, relation.children)]
            others.append(_table(f"{entity.table_name}_{name}", columns))
            continue
        if relation.target not in tables:
            continue
        target = tables[relation.target]
        if relation.kind == "many_to_one":
            needed = " NOT NULL" if relation.required else ""
            own.append(f"{name}_id INTEGER{needed} {_key(target)}")
        else:
            there = f"{target.module}_id INTEGER NOT NULL {_key(target, ' ON DELETE CASCADE')}"
            key = f"PRIMARY KEY ({entity.module}_id, {target.module}_id)"
            link = f"{entity.table_name}_{target.table_name}"
            others.append(_table(link, [back, there, key]))
    return [_table(entity.table_name, own), *others]


def quoted(name: str) -> str:
    """A name that may be a word of SQL, such as order or group."""
    return f'"{name}"'


def module(entity: Entity, related: Sequence[Entity]) -> str:
    """The statements as a schema module of the application."""
    body = ";\n".join(statements(entity, related))
    return (
        f'"""The tables of {entity.entity}, from its specification."""\n\n'
        f'SCHEMA = """\n{body};\n"""\n\n\n'
        "def migrate(connection):\n"
        '    """Create the tables."""\n'
        "    connection.executescript(SCHEMA)\n"
    )


def _table(name: str, columns: Sequence[str]) -> str:
    return f"CREATE TABLE IF NOT EXISTS {quoted(name)} ({', '.join(columns)})"


def _column(one: Attribute) -> str:
    declared = _SQL_TYPES.get(one.type, "TEXT")
    return f"{quoted(one.name)} {declared}{' NOT NULL' if one.required else ''}"


def _key(target: Entity, deleted: str = "") -> str:
    return f"REFERENCES {quoted(target.table_name)}(id){deleted}"
