"""The page of loans: a form for a new one, and the list of all."""

import os

import requests
import streamlit as st

API_URL = os.environ.get("API_URL", "http://127.0.0.1:8000")


def ask_api(method: str, body: dict | None = None) -> dict | list | None:
    """What the API answers; None, and an error on the page, if it fails."""
    try:
        response = requests.request(
            method, f"{API_URL}/loans", json=body, timeout=10
        )
        response.raise_for_status()
    except requests.RequestException as error:
        reason = error if error.response is None else error.response.text
        st.error(f"The API did not do this: {reason}")
        return None
    return response.json()


st.title("Loans")

with st.form("create"):
    body = {
        "book_title": st.text_input("Book title") or None,
        "borrower": st.text_input("Borrower") or None,
        "days": st.number_input("Days", value=None, step=1),
    }
    is_sent = st.form_submit_button("Create Loan")

if is_sent and ask_api("POST", body):
    st.success("The loan was created.")

loans = ask_api("GET")
if loans is not None:
    st.dataframe(loans)
