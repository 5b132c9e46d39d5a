"""The page of patients: a form for a new one, and the list of all."""

import datetime
import os

import requests
import streamlit as st

API_URL = os.environ.get("API_URL", "http://127.0.0.1:8000")
EARLIEST = datetime.date(1900, 1, 1)


def ask_api(method: str, body: dict | None = None) -> dict | list | None:
    """What the API answers; None, and an error on the page, if it fails."""
    try:
        response = requests.request(
            method, f"{API_URL}/patients", json=body, timeout=10
        )
        response.raise_for_status()
    except requests.RequestException as error:
        reason = error if error.response is None else error.response.text
        st.error(f"The API did not do this: {reason}")
        return None
    return response.json()


st.title("Patients")

with st.form("create"):
    body = {
        "name": st.text_input("Name") or None,
        "birth_date": st.date_input(
            "Birth date", min_value=EARLIEST
        ).isoformat(),
        "weight": st.number_input("Weight", value=None),
        "doctor_id": st.number_input("Doctor id", value=None, step=1),
    }
    is_sent = st.form_submit_button("Create Patient")

if is_sent and ask_api("POST", body):
    st.success("The patient was created.")

patients = ask_api("GET")
if patients is not None:
    st.dataframe(patients)
