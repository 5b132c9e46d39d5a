"""Reference tables of an entity, built from its specification and not from generated code."""

from collections.abc import Sequence

from flagbench.scenario.specification import Attribute, Entity

_SQL_TYPES = {"integer": "INTEGER", "number": "REAL", "boolean": "INTEGER"}


def statements(entity: Entity, related: Sequence[Entity]) -> list[str]:
    """Build CREATE TABLE for the entity, its join tables and its children.

    A relation to an entity that is not among `related` is left out.
    """
    tables = {other.entity: other for other in (*related, entity)}
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
            needed, gone = (" NOT NULL", "") if relation.required else ("", " ON DELETE SET NULL")
            own.append(f"{name}_id INTEGER{needed} {_key(target, gone)}")
        else:
            there = f"{target.module}_id INTEGER NOT NULL {_key(target, ' ON DELETE CASCADE')}"
            key = f"PRIMARY KEY ({entity.module}_id, {target.module}_id)"
            link = f"{entity.table_name}_{target.table_name}"
            others.append(_table(link, [back, there, key]))
    return [_table(entity.table_name, own), *others]


def quote(name: str) -> str:
    """Quote a name, which may be a keyword of SQL, such as order or group."""
    return f'"{name}"'


def module(entity: Entity, related: Sequence[Entity]) -> str:
    """Source of a schema module of the application that executes the statements."""
    body = ";\n".join(statements(entity, related))
    return (
        f'"""The tables of {entity.entity}, from its specification."""\n\n'
        f'SCHEMA = """\n{body};\n"""\n\n\n'
        "def migrate(connection):\n"
        '    """Create the tables."""\n'
        "    connection.executescript(SCHEMA)\n"
    )


def _table(name: str, columns: Sequence[str]) -> str:
    return f"CREATE TABLE IF NOT EXISTS {quote(name)} ({', '.join(columns)})"


def _column(attribute: Attribute) -> str:
    declared = _SQL_TYPES.get(attribute.type, "TEXT")
    return f"{quote(attribute.name)} {declared}{' NOT NULL' if attribute.required else ''}"


def _key(target: Entity, deleted: str = "") -> str:
    return f"REFERENCES {quote(target.table_name)}(id){deleted}"
