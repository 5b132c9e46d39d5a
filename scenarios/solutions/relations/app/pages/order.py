"""The page of orders: a form for a new one, and the list of all."""

import os

import requests
import streamlit as st

API_URL = os.environ.get("API_URL", "http://127.0.0.1:8000")
LINE_FIELDS = ("product_name", "quantity", "price")


def ask_api(method: str, body: dict | None = None) -> dict | list | None:
    """What the API answers; None, and an error on the page, if it fails."""
    try:
        response = requests.request(
            method, f"{API_URL}/orders", json=body, timeout=10
        )
        response.raise_for_status()
    except requests.RequestException as error:
        reason = error if error.response is None else error.response.text
        st.error(f"The API did not do this: {reason}")
        return None
    return response.json()


def split_lines(text: str) -> list[dict]:
    """The lines of an order, one a row; the API refuses wrong values."""
    rows = [row.split(",", 2) for row in text.splitlines() if row.strip()]
    return [dict(zip(LINE_FIELDS, map(str.strip, row))) for row in rows]


st.title("Orders")

with st.form("create"):
    body = {
        "customer_name": st.text_input("Customer name") or None,
        "lines": split_lines(
            st.text_area("Lines", placeholder="product name, quantity, price")
        ),
    }
    is_sent = st.form_submit_button("Create Order")

if is_sent and ask_api("POST", body):
    st.success("The order was created.")

orders = ask_api("GET")
if orders is not None:
    st.dataframe(orders)
