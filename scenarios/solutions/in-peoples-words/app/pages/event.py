"""Streamlit page to manage events."""

import os

import requests
import streamlit as st

API_URL = os.environ.get("API_URL", "http://127.0.0.1:8000")
ENDPOINT = f"{API_URL}/events"

st.title("Events")

with st.form("create_event"):
    title_input = st.text_input("Title")
    date_time_input = st.text_input("Date time")
    capacity_input = st.number_input("Capacity", step=1)
    submitted = st.form_submit_button("Create Event")

if submitted:
    try:
        payload = {
            "title": title_input,
            "date_time": date_time_input,
            "capacity": capacity_input,
        }
        response = requests.post(ENDPOINT, json=payload, timeout=10)
        if response.status_code == 201:
            st.success("Event created")
        else:
            st.error(f"Error {response.status_code}: {response.text}")
    except (requests.RequestException, ValueError) as error:
        st.error(f"The request failed: {error}")

try:
    listing = requests.get(ENDPOINT, timeout=10)
    listing.raise_for_status()
    rows = listing.json()
    if rows:
        st.dataframe(rows)
    else:
        st.info("No events yet")
except (requests.RequestException, ValueError) as error:
    st.error(f"The list could not be loaded: {error}")
