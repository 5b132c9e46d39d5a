"""A routes module with the SQL in the routes and columns in a constant: the third style."""

# ruff: noqa: S608  this writes code; the SQL in it is built from names, never from values
from flagbench.simulator.crud.specification import Shape
from flagbench.simulator.crud.writer.checking import reference_lines, rule_lines
from flagbench.simulator.crud.writer.layout import bracket, indented, module_text, quoted
from flagbench.simulator.crud.writer.models import (
    child_blocks,
    field_lines,
    import_lines,
    model_block,
)
from flagbench.simulator.crud.writer.storing import detail_lines, row_lines
from flagbench.simulator.names import quoted_column

_FASTAPI = ("APIRouter", "Depends", "HTTPException")


def by_dictionary(shape: Shape) -> str:
    """Annotated dependency, SQL built from the tuple of columns, dictionaries out."""
    names = bracket(0, "COLUMNS = (", [quoted(c.name) for c in shape.columns], ")")
    if len(names) == 1 and len(shape.columns) == 1:
        names = [names[0].replace(")", ",)")]
    table = quoted(quoted_column(shape.table))
    head = [
        f'"""Endpoints for {shape.path}."""',
        "",
        *import_lines(shape, "Annotated", "Any", fastapi=_FASTAPI),
        "",
        "router = APIRouter()",
        "Db = Annotated[sqlite3.Connection, Depends(get_connection)]",
        f"TABLE = {table}",
        *names,
    ]
    body = model_block(
        f"{shape.entity}In", "BaseModel", f"Request body for {shape.path}.", field_lines(shape)
    )
    return module_text([head, *child_blocks(shape), body, *_functions(shape), *_endpoints(shape)])


def _functions(shape: Shape) -> list[list[str]]:
    ident, checks, details = shape.id_name, [*reference_lines(shape), *rule_lines(shape)], []
    details = detail_lines(shape)
    present = [
        "def present(connection: sqlite3.Connection, row: sqlite3.Row) -> dict[str, Any]:",
        '    item = {"id": row["id"]}',
        "    for name in COLUMNS:",
        "        item[name] = row[name]",
        *indented(row_lines(shape)),
        "    return item",
    ]
    get = [
        f"def get_or_404(connection: sqlite3.Connection, {ident}: int) -> sqlite3.Row:",
        "    row = connection.execute(",
        f'        f"SELECT * FROM {{TABLE}} WHERE id = ?", ({ident},)',
        "    ).fetchone()",
        "    if row is None:",
        '        raise HTTPException(status_code=404, detail="Not found")',
        "    return row",
    ]
    check = [
        "def check(",
        "    connection: sqlite3.Connection,",
        f"    payload: {shape.entity}In,",
        "    current_id: int | None,",
        ") -> None:",
        '    """References and business rules."""',
        *indented(checks),
    ]
    save = [
        "def save_related(",
        f"    connection: sqlite3.Connection, {ident}: int, payload: {shape.entity}In",
        ") -> None:",
        *indented(details),
    ]
    return [present, get, check if checks else [], save if details else []]


def _endpoints(shape: Shape) -> list[list[str]]:
    ident, path, model = shape.id_name, shape.path, f"{shape.entity}In"
    checks = bool(reference_lines(shape) or rule_lines(shape))
    details = bool(detail_lines(shape))
    save = [f"    save_related(connection, {ident}, payload)"] if details else []
    insert = [
        '    names = ", ".join(f\'"{name}"\' for name in COLUMNS)',
        '    marks = ", ".join("?" for _ in COLUMNS)',
        "    cursor = connection.execute(",
        '        f"INSERT INTO {TABLE} ({names}) VALUES ({marks})",',
        "        [data[name] for name in COLUMNS],",
        "    )",
    ]
    update = [
        '    pairs = ", ".join(f\'"{name}" = ?\' for name in COLUMNS)',
        "    connection.execute(",
        '        f"UPDATE {TABLE} SET {pairs} WHERE id = ?",',
        f"        [*(data[name] for name in COLUMNS), {ident}],",
        "    )",
    ]
    if not shape.columns:
        insert = ['    cursor = connection.execute(f"INSERT INTO {TABLE} DEFAULT VALUES")']
        update = []
    dump = ['    data = payload.model_dump(mode="json")'] if shape.columns else []
    again = f"    return present(connection, get_or_404(connection, {ident}))"
    create = [
        f'@router.post("{path}", status_code=201)',
        f"def create(payload: {model}, connection: Db) -> dict[str, Any]:",
        *(["    check(connection, payload, None)"] if checks else []),
        *dump,
        *insert,
        f"    {ident} = int(cursor.lastrowid or 0)",
        *save,
        "    connection.commit()",
        again,
    ]
    listing = [
        f'@router.get("{path}")',
        "def list_all(connection: Db) -> list[dict[str, Any]]:",
        '    rows = connection.execute(f"SELECT * FROM {TABLE} ORDER BY id").fetchall()',
        "    return [present(connection, row) for row in rows]",
    ]
    read = [
        f'@router.get("{path}/{{{ident}}}")',
        f"def read({ident}: int, connection: Db) -> dict[str, Any]:",
        again,
    ]
    replace = [
        f'@router.put("{path}/{{{ident}}}")',
        "def replace(",
        f"    {ident}: int, payload: {model}, connection: Db",
        ") -> dict[str, Any]:",
        f"    get_or_404(connection, {ident})",
        *([f"    check(connection, payload, {ident})"] if checks else []),
        *dump,
        *update,
        *save,
        "    connection.commit()",
        again,
    ]
    delete = [
        f'@router.delete("{path}/{{{ident}}}", status_code=204)',
        f"def delete({ident}: int, connection: Db) -> None:",
        f"    get_or_404(connection, {ident})",
        "    try:",
        f'        connection.execute(f"DELETE FROM {{TABLE}} WHERE id = ?", ({ident},))',
        "    except sqlite3.IntegrityError as error:",
        '        raise HTTPException(status_code=409, detail="Still in use") from error',
        "    connection.commit()",
    ]
    return [create, listing, read, replace, delete]
