"""Streamlit page to manage members."""

import datetime
import os

import requests
import streamlit as st

API_URL = os.environ.get("API_URL", "http://127.0.0.1:8000")
ENDPOINT = f"{API_URL}/members"

st.title("Members")

with st.form("create_member"):
    name_input = st.text_input("Name")
    email_input = st.text_input("Email")
    date_joined_input = st.date_input(
        "Date joined", min_value=datetime.date(1900, 1, 1)
    )
    active_input = st.checkbox("Active")
    submitted = st.form_submit_button("Create Member")

if submitted:
    try:
        payload = {
            "name": name_input,
            "email": email_input,
            "date_joined": date_joined_input.isoformat(),
            "active": active_input,
        }
        response = requests.post(ENDPOINT, json=payload, timeout=10)
        if response.status_code == 201:
            st.success("Member created")
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
        st.info("No members yet")
except (requests.RequestException, ValueError) as error:
    st.error(f"The list could not be loaded: {error}")
