"""Streamlit page of /produtos."""

import logging
import os
from typing import Any

import requests
import streamlit as st

API_URL = os.environ.get("API_URL", "http://127.0.0.1:8000")
ROWS_URL = f"{API_URL}/produtos"
TIMEOUT_SECONDS = 10

logger = logging.getLogger(__name__)


def call_api(method: str, body: dict[str, Any] | None = None) -> Any:
    """Return the JSON answer; raise if the API refuses or is away."""
    response = requests.request(
        method, ROWS_URL, json=body, timeout=TIMEOUT_SECONDS
    )
    response.raise_for_status()
    return response.json()


def show_error(error: requests.RequestException) -> None:
    """Tell the user and the log what went wrong."""
    reason = str(error) if error.response is None else error.response.text
    logger.error("%s failed: %s", ROWS_URL, reason)
    st.error(f"The API did not accept the request: {reason}")


def to_body(values: dict[str, Any]) -> dict[str, Any]:
    """Turn inputs into JSON; an empty input is left out."""
    return {
        name: value
        for name, value in values.items()
        if value not in (None, "")
    }


def show_form() -> None:
    """Ask for one produto and create it."""
    with st.form("create"):
        values = {
            "nome": st.text_input("Nome"),
            "preco": st.number_input("Preco", value=None),
            "quantidade": st.number_input("Quantidade", value=None, step=1),
        }
        submitted = st.form_submit_button("Create Produto")
    if not submitted:
        return
    try:
        created_id = call_api("POST", to_body(values))["id"]
    except requests.RequestException as error:
        show_error(error)
    else:
        st.success(f"Created Produto {created_id}")


def show_rows() -> None:
    """List what the API holds."""
    try:
        st.dataframe(call_api("GET"))
    except requests.RequestException as error:
        show_error(error)


st.title("Produtos")
show_form()
show_rows()
