"""The page of teachers: a form for a new one, and the list of all."""

import os

import requests
import streamlit as st

API_URL = os.environ.get("API_URL", "http://127.0.0.1:8000")


def ask_api(method: str, body: dict | None = None) -> dict | list | None:
    """What the API answers; None, and an error on the page, if it fails."""
    try:
        response = requests.request(
            method, f"{API_URL}/teachers", json=body, timeout=10
        )
        response.raise_for_status()
    except requests.RequestException as error:
        reason = error if error.response is None else error.response.text
        st.error(f"The API did not do this: {reason}")
        return None
    return response.json()


st.title("Teachers")

with st.form("create"):
    body = {
        "name": st.text_input("Name") or None,
        "email": st.text_input("Email") or None,
    }
    is_sent = st.form_submit_button("Create Teacher")

if is_sent and ask_api("POST", body):
    st.success("The teacher was created.")

teachers = ask_api("GET")
if teachers is not None:
    st.dataframe(teachers)
