"""The page of courses: a form for a new one, and the list of all."""

import os

import requests
import streamlit as st

API_URL = os.environ.get("API_URL", "http://127.0.0.1:8000")


def ask_api(method: str, body: dict | None = None) -> dict | list | None:
    """What the API answers; None, and an error on the page, if it fails."""
    try:
        response = requests.request(
            method, f"{API_URL}/courses", json=body, timeout=10
        )
        response.raise_for_status()
    except requests.RequestException as error:
        reason = error if error.response is None else error.response.text
        st.error(f"The API did not do this: {reason}")
        return None
    return response.json()


st.title("Courses")

with st.form("create"):
    body = {
        "name": st.text_input("Name") or None,
        "level": st.text_input("Level") or None,
        "teacher_id": st.number_input("Teacher id", value=None, step=1),
    }
    is_sent = st.form_submit_button("Create Course")

if is_sent and ask_api("POST", body):
    st.success("The course was created.")

courses = ask_api("GET")
if courses is not None:
    st.dataframe(courses)
