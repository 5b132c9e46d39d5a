"""Funcionarios page."""

import os

import requests
import streamlit as st

API_URL = os.environ.get("API_URL", "http://127.0.0.1:8000")


def fetch_funcionarios() -> list[dict]:
    """Load all rows from the API."""
    response = requests.get(f"{API_URL}/funcionarios", timeout=10)
    response.raise_for_status()
    return response.json()


def create_funcionario(payload: dict) -> None:
    """Send a new row to the API; raises for an error answer."""
    response = requests.post(
        f"{API_URL}/funcionarios", json=payload, timeout=10
    )
    if response.status_code >= 400:
        raise ValueError(f"{response.status_code}: {response.text}")


def render_form() -> None:
    """Ask for the fields of a new row and submit them."""
    values = {}
    with st.form("funcionario_form", clear_on_submit=False):
        values["nome"] = st.text_input("Nome")
        values["email"] = st.text_input("Email")
        values["salario"] = st.number_input("Salario", value=0.0)
        values["ativo"] = st.checkbox("Ativo")
        submitted = st.form_submit_button("Create Funcionario")
    if not submitted:
        return
    try:
        create_funcionario(values)
    except (requests.RequestException, ValueError) as exc:
        st.error("Could not create the funcionario")
        st.error(str(exc))
    else:
        st.success("Saved")


def render_table() -> None:
    """Show the rows that exist."""
    try:
        rows = fetch_funcionarios()
    except (requests.RequestException, ValueError) as exc:
        st.error(f"Could not load the rows: {exc}")
        return
    st.dataframe(rows)


st.title("Funcionarios")
render_form()
st.subheader("Existing funcionarios")
render_table()
