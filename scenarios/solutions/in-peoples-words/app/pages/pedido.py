"""Pedidos page."""

import json
import os

import requests
import streamlit as st

API_URL = os.environ.get("API_URL", "http://127.0.0.1:8000")


def fetch_pedidos() -> list[dict]:
    """Load all rows from the API."""
    response = requests.get(f"{API_URL}/pedidos", timeout=10)
    response.raise_for_status()
    return response.json()


def create_pedido(payload: dict) -> None:
    """Send a new row to the API; raises for an error answer."""
    response = requests.post(f"{API_URL}/pedidos", json=payload, timeout=10)
    if response.status_code >= 400:
        raise ValueError(f"{response.status_code}: {response.text}")


def render_form() -> None:
    """Ask for the fields of a new row and submit them."""
    values = {}
    with st.form("pedido_form", clear_on_submit=False):
        values["cliente"] = st.text_input("Cliente")
        values["itens"] = st.text_area("Itens")
        submitted = st.form_submit_button("Create Pedido")
    if not submitted:
        return
    try:
        values["itens"] = json.loads(values["itens"] or "[]")
        create_pedido(values)
    except (requests.RequestException, ValueError) as exc:
        st.error("Could not create the pedido")
        st.error(str(exc))
    else:
        st.success("Saved")


def render_table() -> None:
    """Show the rows that exist."""
    try:
        rows = fetch_pedidos()
    except (requests.RequestException, ValueError) as exc:
        st.error(f"Could not load the rows: {exc}")
        return
    st.dataframe(rows)


st.title("Pedidos")
render_form()
st.subheader("Existing pedidos")
render_table()
