"""Routes module with a repository class."""

# ruff: noqa: S608  this writes code; the SQL in it is built from names, never from values
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
from flagbench.simulator.crud.writer.storing import detail_lines, row_lines
from flagbench.simulator.names import quoted_column


def by_repository(shape: Shape) -> str:
    """A class with the SQL, thin routes that call it, one model for the body."""
    entity = shape.entity
    head = [
        '"""',
        f"{entity} API.",
        "",
        f"Endpoints to create, list, read, replace and delete {shape.table}.",
        '"""',
        "",
        *import_lines(shape, "Any", fastapi=("APIRouter", "Depends", "HTTPException")),
        "",
        "logger = logging.getLogger(__name__)",
        "router = APIRouter()",
    ]
    request = model_block(
        f"{entity}Request", "BaseModel", f"A {entity} as clients send it.", field_lines(shape)
    )
    provide = [
        "def get_repository(",
        "    connection: sqlite3.Connection = Depends(get_connection),",
        f") -> {entity}Repository:",
        '    """Provide the repository for one request."""',
        f"    return {entity}Repository(connection)",
    ]
    return module_text(
        [head, *child_blocks(shape), request, _repository(shape), provide, *_endpoints(shape)]
    )


def _repository(shape: Shape) -> list[str]:
    entity, ident = shape.entity, shape.id_name
    local = ["connection = self.connection"]
    rows, details = row_lines(shape), detail_lines(shape)
    checks = [*reference_lines(shape), *rule_lines(shape)]
    queries = any("connection" in line for line in rows)
    methods = [
        [
            "def __init__(self, connection: sqlite3.Connection) -> None:",
            '    """Keep the connection of one request."""',
            "    self.connection = connection",
        ],
        [
            "def to_dict(self, row: sqlite3.Row) -> dict[str, Any]:",
            '    """Convert a row to a JSON friendly dictionary."""',
            *indented(local if queries else []),
            "    item = dict(row)",
            *indented(rows),
            "    return item",
        ],
        [
            "def find_all(self) -> list[dict[str, Any]]:",
            f'    """All {shape.table}, oldest first."""',
            "    rows = self.connection.execute(",
            *literal(8, "(", f"{select_sql(shape)} ORDER BY id", ")"),
            "    )",
            "    return [self.to_dict(row) for row in rows.fetchall()]",
        ],
        [
            f"def find(self, {ident}: int) -> dict[str, Any]:",
            f'    """One {entity}; raises a 404 when there is none."""',
            "    row = self.connection.execute(",
            *literal(8, "(", f"{select_sql(shape)} WHERE id = ?", "),"),
            f"        ({ident},),",
            "    ).fetchone()",
            "    if not row:",
            f'        logger.warning("{entity} %s does not exist", {ident})',
            f'        raise HTTPException(404, "{entity} not found")',
            "    return self.to_dict(row)",
        ],
    ]
    if checks:
        methods.append(
            [
                f"def validate(self, payload: {entity}Request, current_id: int | None) -> None:",
                '    """Raise a 422 for an unknown reference or a broken rule."""',
                *indented(local if any("connection" in line for line in checks) else []),
                *indented(checks),
            ]
        )
    if details:
        methods.append(
            [
                f"def store_details(self, {ident}: int, payload: {entity}Request) -> None:",
                '    """Write links and nested rows anew."""',
                *indented([*local, *details]),
            ]
        )
    return [
        f"class {entity}Repository:",
        f'    """Reads and writes {shape.table}."""',
        *(line for method in [*methods, *_writers(shape, bool(checks), bool(details))]
          for line in ["", *indented(method)]),
    ]  # fmt: skip


def _writers(shape: Shape, checks: bool, details: bool) -> list[list[str]]:
    entity, ident = shape.entity, shape.id_name
    store = [f"    self.store_details({ident}, payload)"] if details else []
    add = [
        f"def add(self, payload: {entity}Request) -> dict[str, Any]:",
        f'    """Insert a {entity} and return it."""',
        *(["    self.validate(payload, None)"] if checks else []),
        '    data = payload.model_dump(mode="json")',
        *literal(4, "sql = (", insert_sql(shape.table, shape.columns), ")"),
        f"    {ident} = int(self.connection.execute(sql, data).lastrowid or 0)",
        *store,
        "    self.connection.commit()",
        f'    logger.info("{entity} %s was created", {ident})',
        f"    return self.find({ident})",
    ]
    replace = [
        f"def replace(self, {ident}: int, payload: {entity}Request) -> dict[str, Any]:",
        f'    """Overwrite a {entity} that exists."""',
        f"    self.find({ident})",
        *([f"    self.validate(payload, {ident})"] if checks else []),
        f'    data = {{**payload.model_dump(mode="json"), "id": {ident}}}',
        *literal(4, "sql = (", update_sql(shape), ")"),
        "    self.connection.execute(sql, data)",
        *store,
        "    self.connection.commit()",
        f'    logger.info("{entity} %s was replaced", {ident})',
        f"    return self.find({ident})",
    ]
    remove = [
        f"def remove(self, {ident}: int) -> None:",
        f'    """Delete a {entity} that exists."""',
        f"    self.find({ident})",
        *literal(4, "sql = (", f"DELETE FROM {quoted_column(shape.table)} WHERE id = ?", ")"),
        "    try:",
        f"        self.connection.execute(sql, ({ident},))",
        "    except sqlite3.IntegrityError as exc:",
        f'        logger.warning("{entity} %s is still referenced", {ident})',
        f'        raise HTTPException(409, "{entity} is in use") from exc',
        "    self.connection.commit()",
        f'    logger.info("{entity} %s was deleted", {ident})',
    ]
    return [add, replace, remove]


def _endpoints(shape: Shape) -> list[list[str]]:
    entity, ident, path = shape.entity, shape.id_name, shape.path
    repository = f"    repository: {entity}Repository = Depends(get_repository),"
    payload = f"    payload: {entity}Request,"
    return [
        [
            f'@router.post("{path}", status_code=201)',
            f"def create_{shape.module}(",
            payload,
            repository,
            ") -> dict[str, Any]:",
            f'    """Create a {entity} and return it with its id."""',
            "    return repository.add(payload)",
        ],
        [
            f'@router.get("{path}")',
            f"def list_{shape.table}(",
            repository,
            ") -> list[dict[str, Any]]:",
            f'    """List every {entity}."""',
            "    return repository.find_all()",
        ],
        [
            f'@router.get("{path}/{{{ident}}}")',
            f"def read_{shape.module}(",
            f"    {ident}: int,",
            repository,
            ") -> dict[str, Any]:",
            f'    """Return the {entity} with this id."""',
            f"    return repository.find({ident})",
        ],
        [
            f'@router.put("{path}/{{{ident}}}")',
            f"def replace_{shape.module}(",
            f"    {ident}: int,",
            payload,
            repository,
            ") -> dict[str, Any]:",
            f'    """Replace the {entity} with this id."""',
            f"    return repository.replace({ident}, payload)",
        ],
        [
            f'@router.delete("{path}/{{{ident}}}", status_code=204)',
            f"def delete_{shape.module}(",
            f"    {ident}: int,",
            repository,
            ") -> None:",
            f'    """Delete the {entity} with this id."""',
            f"    repository.remove({ident})",
        ],
    ]
