"""The Streamlit page in two styles: a variable for each input, or a dictionary of values."""

from collections.abc import Callable

from flagbench.simulator.crud.specification import Column, Shape
from flagbench.simulator.crud.writer.layout import literal, module_text, quoted
from flagbench.simulator.names import words


def _label(name: str) -> str:
    return quoted(words(name))


def _widget(column: Column) -> str:
    """The Streamlit call for the input of one column."""
    label, kind = _label(column.name), column.type
    start = "" if column.required else ", value=None"
    if kind == "text":
        return f"st.text_area({label})"
    if kind == "integer":
        low = ", min_value=1" if column.target and column.required else ""
        return f"st.number_input({label}, step=1{low}{start})"
    if kind == "number":
        return f"st.number_input({label}, value={'0.0' if column.required else 'None'})"
    if kind == "boolean":
        return f"st.checkbox({label})"
    if kind == "date":
        low = "datetime.date(1900, 1, 1)"
        return f"st.date_input({label}{start}, min_value={low})"
    return f"st.text_input({label})"


def _value(column: Column, name: str) -> str:
    """The JSON value of an input, as an expression."""
    if column.type == "date":
        return f"{name}.isoformat()" if column.required else f"{name} and {name}.isoformat()"
    if column.type in {"integer", "number", "boolean"} or column.required:
        return name
    return f"{name} or None"


def _inputs(shape: Shape) -> list[tuple[str, str, str]]:
    """Field, widget call and an expression for its value (`{}` is the name of the input)."""
    inputs = [(c.name, _widget(c), _value(c, "{}")) for c in shape.columns]
    for link in shape.links:
        value = '[int(part) for part in {}.split(",") if part.strip()]'
        inputs.append((link.field, f"st.text_input({_label(link.field)})", value))
    inputs += [
        (child.field, f"st.text_area({_label(child.field)})", 'json.loads({} or "[]")')
        for child in shape.children
    ]
    return inputs


def _head(shape: Shape, document: str) -> list[str]:
    lines = [f'"""{document}"""', ""]
    if any(column.type == "date" for column in shape.columns):
        lines.append("import datetime")
    if shape.children:
        lines.append("import json")
    lines += ["import os", "", "import requests", "import streamlit as st", ""]
    return [*lines, 'API_URL = os.environ.get("API_URL", "http://127.0.0.1:8000")']


def by_variable(shape: Shape) -> str:
    """Statements at the top level, from the title to the table."""
    inputs = _inputs(shape)
    lines = [
        *_head(shape, f"Streamlit page to manage {words(shape.table).lower()}."),
        f'ENDPOINT = f"{{API_URL}}{shape.path}"',
        "",
        f"st.title({_label(shape.table)})",
        "",
        f'with st.form("create_{shape.module}"):',
    ]
    lines += [f"    {field}_input = {widget}" for field, widget, _ in inputs]
    button = quoted(f"Create {words(shape.entity)}")
    lines += [
        f"    submitted = st.form_submit_button({button})",
        "",
        "if submitted:",
        "    try:",
        "        payload = {",
        *(f'            "{f}": {v.replace("{}", f + "_input")},' for f, _, v in inputs),
        "        }",
        "        response = requests.post(ENDPOINT, json=payload, timeout=10)",
        "        if response.status_code == 201:",
        *literal(12, "st.success(", f"{words(shape.entity)} created", ")"),
        "        else:",
        '            st.error(f"Error {response.status_code}: {response.text}")',
        "    except (requests.RequestException, ValueError) as error:",
        '        st.error(f"The request failed: {error}")',
        "",
        "try:",
        "    listing = requests.get(ENDPOINT, timeout=10)",
        "    listing.raise_for_status()",
        "    rows = listing.json()",
        "    if rows:",
        "        st.dataframe(rows)",
        "    else:",
        *literal(8, "st.info(", f"No {words(shape.table).lower()} yet", ")"),
        "except (requests.RequestException, ValueError) as error:",
        '    st.error(f"The list could not be loaded: {error}")',
    ]
    return module_text([lines])


def by_function(shape: Shape) -> str:
    """Small functions for the API, the form with its dictionary, and the table."""
    inputs = _inputs(shape)
    fetch = [
        f"def fetch_{shape.table}() -> list[dict]:",
        '    """Load all rows from the API."""',
        f'    response = requests.get(f"{{API_URL}}{shape.path}", timeout=10)',
        "    response.raise_for_status()",
        "    return response.json()",
    ]
    create = [
        f"def create_{shape.module}(payload: dict) -> None:",
        '    """Send a new row to the API; raises for an error answer."""',
        "    response = requests.post(",
        f'        f"{{API_URL}}{shape.path}", json=payload, timeout=10',
        "    )",
        "    if response.status_code >= 400:",
        '        raise ValueError(f"{response.status_code}: {response.text}")',
    ]
    button = quoted(f"Create {words(shape.entity)}")
    form = [
        "def render_form() -> None:",
        '    """Ask for the fields of a new row and submit them."""',
        "    values = {}",
        f'    with st.form("{shape.module}_form", clear_on_submit=False):',
        *(f'        values["{field}"] = {widget}' for field, widget, _ in inputs),
        f"        submitted = st.form_submit_button({button})",
        "    if not submitted:",
        "        return",
        "    try:",
        *(
            f"        {place} = {value.replace('{}', place)}"
            for place, value in ((f'values["{field}"]', value) for field, _, value in inputs)
            if value != "{}"
        ),
        f"        create_{shape.module}(values)",
        "    except (requests.RequestException, ValueError) as exc:",
        *literal(8, "st.error(", f"Could not create the {words(shape.entity).lower()}", ")"),
        "        st.error(str(exc))",
        "    else:",
        '        st.success("Saved")',
    ]
    table = [
        "def render_table() -> None:",
        '    """Show the rows that exist."""',
        "    try:",
        f"        rows = fetch_{shape.table}()",
        "    except (requests.RequestException, ValueError) as exc:",
        '        st.error(f"Could not load the rows: {exc}")',
        "        return",
        "    st.dataframe(rows)",
    ]
    main = [
        f"st.title({_label(shape.table)})",
        "render_form()",
        *literal(0, "st.subheader(", f"Existing {words(shape.table).lower()}", ")"),
        "render_table()",
    ]
    head = _head(shape, f"{words(shape.table)} page.")
    return module_text([head, fetch, create, form, table, main])


STYLES: tuple[Callable[[Shape], str], ...] = (by_variable, by_function)
