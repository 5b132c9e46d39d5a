"""Streamlit page to manage vehicles."""

import os

import requests
import streamlit as st

API_URL = os.environ.get("API_URL", "http://127.0.0.1:8000")
ENDPOINT = f"{API_URL}/vehicles"

st.title("Vehicles")

with st.form("create_vehicle"):
    plate_input = st.text_input("Plate")
    brand_input = st.text_input("Brand")
    year_input = st.number_input("Year", step=1)
    submitted = st.form_submit_button("Create Vehicle")

if submitted:
    try:
        payload = {
            "plate": plate_input,
            "brand": brand_input,
            "year": year_input,
        }
        response = requests.post(ENDPOINT, json=payload, timeout=10)
        if response.status_code == 201:
            st.success("Vehicle created")
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
        st.info("No vehicles yet")
except (requests.RequestException, ValueError) as error:
    st.error(f"The list could not be loaded: {error}")
