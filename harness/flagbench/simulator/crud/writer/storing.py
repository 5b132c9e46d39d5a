"""Python lines that convert between JSON and the row, link and child tables of an entity.

They are meant for a function body and refer to `connection`, `payload` and `item` (a dict of the
row).
"""

# ruff: noqa: S608  this writes code; the SQL in it is built from names, never from values
from flagbench.simulator.crud.specification import Child, Shape
from flagbench.simulator.crud.writer.layout import literal
from flagbench.simulator.crud.writer.models import boolean_names, column_list, insert_sql
from flagbench.simulator.names import quoted_column


def row_lines(shape: Shape) -> list[str]:
    """Lines that complete `item`: booleans, the ids of linked rows, nested rows."""
    lines = []
    required = {column.name for column in shape.columns if column.required}
    for name in boolean_names(shape.columns):
        if name in required:
            lines.append(f'item["{name}"] = bool(item["{name}"])')
        else:
            lines += [
                f'if item["{name}"] is not None:',
                f'    item["{name}"] = bool(item["{name}"])',
            ]
    for link in shape.links:
        sql = (
            f"SELECT {link.other} FROM {quoted_column(link.table)} "
            f"WHERE {link.owner} = ? ORDER BY rowid"
        )
        lines += _query("links", sql)
        lines.append(f'item["{link.field}"] = [link["{link.other}"] for link in links]')
    for child in shape.children:
        sql = (
            f"SELECT {column_list(child.columns)} FROM {quoted_column(child.table)} "
            f"WHERE {child.owner} = ? ORDER BY id"
        )
        lines += _query("rows", sql)
        lines += _nested(child)
    return lines


def _query(name: str, sql: str) -> list[str]:
    return [
        f"{name} = connection.execute(",
        *_argument(sql),
        '    (item["id"],),',
        ").fetchall()",
    ]


def _argument(sql: str) -> list[str]:
    lines = literal(4, "(", sql, "),")
    if len(lines) == 1:
        return literal(4, "", sql, ",")
    return [piece[4:] for piece in lines[1:-2]] + [lines[-2][4:] + ","]


def _nested(child: Child) -> list[str]:
    lines = [f'item["{child.field}"] = [dict(row) for row in rows]']
    names = boolean_names(child.columns)
    if names:
        lines.append(f'for entry in item["{child.field}"]:')
        for name in names:
            lines += [
                f'    if entry["{name}"] is not None:',
                f'        entry["{name}"] = bool(entry["{name}"])',
            ]
    return lines


def detail_lines(shape: Shape) -> list[str]:
    """Lines that replace the linked and nested rows of the owner with id `<module>_id`."""
    lines = []
    for link in shape.links:
        name = link.other
        insert = (
            f"INSERT OR IGNORE INTO {quoted_column(link.table)} "
            f"({link.owner}, {link.other}) VALUES (?, ?)"
        )
        lines += [
            *_delete(link.table, link.owner, shape),
            f"for {name} in payload.{link.field}:",
            "    connection.execute(",
            *(f"    {line}" for line in _argument(insert)),
            f"        ({shape.id_name}, {name}),",
            "    )",
        ]
    for child in shape.children:
        insert = insert_sql(child.table, child.columns)
        insert = insert.replace(" (", f" ({child.owner}, ", 1)
        insert = insert.replace("VALUES (", f"VALUES (:{child.owner}, ", 1)
        lines += [
            *_delete(child.table, child.owner, shape),
            f"for row in payload.{child.field}:",
            '    values = row.model_dump(mode="json")',
            f'    values["{child.owner}"] = {shape.id_name}',
            "    connection.execute(",
            *(f"    {line}" for line in _argument(insert)),
            "        values,",
            "    )",
        ]
    return lines


def _delete(table: str, owner: str, shape: Shape) -> list[str]:
    return [
        "connection.execute(",
        *_argument(f"DELETE FROM {quoted_column(table)} WHERE {owner} = ?"),
        f"    ({shape.id_name},),",
        ")",
    ]
