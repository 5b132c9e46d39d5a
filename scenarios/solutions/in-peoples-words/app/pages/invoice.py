"""Streamlit page to manage invoices."""

import json
import os

import requests
import streamlit as st

API_URL = os.environ.get("API_URL", "http://127.0.0.1:8000")
ENDPOINT = f"{API_URL}/invoices"

st.title("Invoices")

with st.form("create_invoice"):
    number_input = st.text_input("Number")
    line_items_input = st.text_area("Line items")
    submitted = st.form_submit_button("Create Invoice")

if submitted:
    try:
        payload = {
            "number": number_input,
            "line_items": json.loads(line_items_input or "[]"),
        }
        response = requests.post(ENDPOINT, json=payload, timeout=10)
        if response.status_code == 201:
            st.success("Invoice created")
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
        st.info("No invoices yet")
except (requests.RequestException, ValueError) as error:
    st.error(f"The list could not be loaded: {error}")
