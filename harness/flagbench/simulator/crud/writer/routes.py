"""The routes module. Two styles: functions, a repository class."""

# ruff: noqa: S608  this writes code; the SQL in it is built from names, never from values
from collections.abc import Callable

from flagbench.simulator.crud.specification import Shape
from flagbench.simulator.crud.writer.checking import reference_lines, rule_lines
from flagbench.simulator.crud.writer.layout import indented, literal, module_text
from flagbench.simulator.crud.writer.models import (
    child_blocks,
    field_lines,
    import_lines,
    insert_sql,
    model_block,
    select_sql,
    update_sql,
)
from flagbench.simulator.crud.writer.repository_routes import by_repository
from flagbench.simulator.crud.writer.storing import detail_lines, row_lines
from flagbench.simulator.names import quoted_column

_FASTAPI = ("APIRouter", "Depends", "HTTPException", "Response", "status")


def by_function(shape: Shape) -> str:
    """A router with a prefix, models with a common base, small functions for the SQL."""
    plural, singular = shape.table, shape.module
    models = [
        *child_blocks(shape),
        model_block(
            f"{shape.entity}Base", "BaseModel", f"Fields of a {shape.entity}.", field_lines(shape)
        ),
        model_block(f"{shape.entity}Create", f"{shape.entity}Base", "Body of POST and PUT.", []),
        _read_model(shape),
    ]
    head = [
        f'"""CRUD routes for {plural}."""',
        "",
        *import_lines(shape, "Any", fastapi=_FASTAPI),
        "",
        "logger = logging.getLogger(__name__)",
        f'router = APIRouter(prefix="{shape.path}", tags=["{plural}"])',
    ]
    return module_text([head, *models, *_functions(shape), *_endpoints(shape, singular, plural)])


def _read_model(shape: Shape) -> list[str]:
    """The response; a reference that became required may still be empty in an old row."""
    late = [f"{c.name}: int | None = None" for c in shape.references if c.required]
    base = f"{shape.entity}Base"
    return model_block(f"{shape.entity}Read", base, "What the API returns.", ["id: int", *late])


def _functions(shape: Shape) -> list[list[str]]:
    to_dict = [
        "def row_to_dict(",
        "    connection: sqlite3.Connection, row: sqlite3.Row",
        ") -> dict[str, Any]:",
        '    """Turn a database row into what the API returns."""',
        "    item = dict(row)",
        *indented(row_lines(shape)),
        "    return item",
    ]
    load = [
        f"def load_{shape.module}(",
        f"    connection: sqlite3.Connection, {shape.id_name}: int",
        ") -> dict[str, Any]:",
        f'    """Read one {shape.entity} or answer 404."""',
        "    row = connection.execute(",
        *literal(8, "(", f"{select_sql(shape)} WHERE id = ?", "),"),
        f"        ({shape.id_name},),",
        "    ).fetchone()",
        "    if row is None:",
        f'        logger.warning("{shape.entity} %s not found", {shape.id_name})',
        "        raise HTTPException(",
        f'            status_code=404, detail="{shape.entity} not found"',
        "        )",
        "    return row_to_dict(connection, row)",
    ]
    checks = [*reference_lines(shape), *rule_lines(shape)]
    check = [
        "def check_payload(",
        "    connection: sqlite3.Connection,",
        f"    payload: {shape.entity}Create,",
        "    current_id: int | None = None,",
        ") -> None:",
        '    """Reject unknown references and broken business rules."""',
        *indented(checks),
    ]
    details = detail_lines(shape)
    save = [
        "def save_details(",
        "    connection: sqlite3.Connection,",
        f"    {shape.id_name}: int,",
        f"    payload: {shape.entity}Create,",
        ") -> None:",
        '    """Replace the rows that belong to the entity."""',
        *indented(details),
    ]
    return [to_dict, load, check if checks else [], save if details else []]


def _endpoints(shape: Shape, singular: str, plural: str) -> list[list[str]]:
    read, checks = f"{shape.entity}Read", bool(reference_lines(shape) or rule_lines(shape))
    details, connection = bool(detail_lines(shape)), [
        "    connection: sqlite3.Connection = Depends(get_connection),"
    ]  # fmt: skip
    create = [
        "@router.post(",
        f'    "", response_model={read}, status_code=status.HTTP_201_CREATED',
        ")",
        f"def create_{singular}(",
        f"    payload: {shape.entity}Create,",
        *connection,
        ") -> dict[str, Any]:",
        f'    """Store a new {shape.entity}."""',
        *(["    check_payload(connection, payload)"] if checks else []),
        "    cursor = connection.execute(",
        *literal(8, "(", insert_sql(shape.table, shape.columns), "),"),
        '        payload.model_dump(mode="json"),',
        "    )",
        f"    {shape.id_name} = int(cursor.lastrowid or 0)",
        *([f"    save_details(connection, {shape.id_name}, payload)"] if details else []),
        "    connection.commit()",
        f'    logger.info("Created {shape.entity} %s", {shape.id_name})',
        f"    return load_{singular}(connection, {shape.id_name})",
    ]
    listing = [
        f'@router.get("", response_model=list[{read}])',
        f"def list_{plural}(",
        *connection,
        ") -> list[dict[str, Any]]:",
        f'    """Return every {shape.entity}."""',
        "    rows = connection.execute(",
        *literal(8, "(", f"{select_sql(shape)} ORDER BY id", ")"),
        "    ).fetchall()",
        "    return [row_to_dict(connection, row) for row in rows]",
    ]
    get = [
        f'@router.get("/{{{shape.id_name}}}", response_model={read})',
        f"def get_{singular}(",
        f"    {shape.id_name}: int,",
        *connection,
        ") -> dict[str, Any]:",
        f'    """Return one {shape.entity}."""',
        f"    return load_{singular}(connection, {shape.id_name})",
    ]
    put = [
        f'@router.put("/{{{shape.id_name}}}", response_model={read})',
        f"def update_{singular}(",
        f"    {shape.id_name}: int,",
        f"    payload: {shape.entity}Create,",
        *connection,
        ") -> dict[str, Any]:",
        f'    """Replace one {shape.entity}."""',
        f"    load_{singular}(connection, {shape.id_name})",
        *([f"    check_payload(connection, payload, {shape.id_name})"] if checks else []),
        '    data = payload.model_dump(mode="json")',
        f'    data["id"] = {shape.id_name}',
        "    connection.execute(",
        *literal(8, "(", update_sql(shape), "),"),
        "        data,",
        "    )",
        *([f"    save_details(connection, {shape.id_name}, payload)"] if details else []),
        "    connection.commit()",
        f'    logger.info("Updated {shape.entity} %s", {shape.id_name})',
        f"    return load_{singular}(connection, {shape.id_name})",
    ]
    delete = [
        f'@router.delete("/{{{shape.id_name}}}", status_code=status.HTTP_204_NO_CONTENT)',
        f"def delete_{singular}(",
        f"    {shape.id_name}: int,",
        *connection,
        ") -> Response:",
        f'    """Remove one {shape.entity}."""',
        f"    load_{singular}(connection, {shape.id_name})",
        "    try:",
        "        connection.execute(",
        *literal(12, "", f"DELETE FROM {quoted_column(shape.table)} WHERE id = ?", ","),
        f"            ({shape.id_name},),",
        "        )",
        "    except sqlite3.IntegrityError as error:",
        f'        logger.warning("{shape.entity} %s is in use", {shape.id_name})',
        "        raise HTTPException(",
        f'            status_code=409, detail="{shape.entity} is still in use"',
        "        ) from error",
        "    connection.commit()",
        f'    logger.info("Deleted {shape.entity} %s", {shape.id_name})',
        "    return Response(status_code=status.HTTP_204_NO_CONTENT)",
    ]
    return [create, listing, get, put, delete]


STYLES: tuple[Callable[[Shape], str], ...] = (by_function, by_repository)
