"""The page of products: a form for a new one, and the list of all."""

import os

import requests
import streamlit as st

API_URL = os.environ.get("API_URL", "http://127.0.0.1:8000")


def ask_api(method: str, body: dict | None = None) -> dict | list | None:
    """What the API answers; None, and an error on the page, if it fails."""
    try:
        response = requests.request(
            method, f"{API_URL}/products", json=body, timeout=10
        )
        response.raise_for_status()
    except requests.RequestException as error:
        reason = error if error.response is None else error.response.text
        st.error(f"The API did not do this: {reason}")
        return None
    return response.json()


def split_ids(text: str) -> list[str]:
    """The ids in a text such as "1, 2"; the API refuses what is none."""
    return [part.strip() for part in text.split(",") if part.strip()]


st.title("Products")

with st.form("create"):
    body = {
        "name": st.text_input("Name") or None,
        "price": st.number_input("Price", value=None),
        "description": st.text_area("Description") or None,
        "tag_ids": split_ids(st.text_input("Tag ids", placeholder="1, 2")),
        "warehouse_id": st.number_input("Warehouse id", value=None, step=1),
    }
    is_sent = st.form_submit_button("Create Product")

if is_sent and ask_api("POST", body):
    st.success("The product was created.")

products = ask_api("GET")
if products is not None:
    st.dataframe(products)
