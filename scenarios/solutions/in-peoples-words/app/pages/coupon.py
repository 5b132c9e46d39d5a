"""Streamlit page to manage coupons."""

import os

import requests
import streamlit as st

API_URL = os.environ.get("API_URL", "http://127.0.0.1:8000")
ENDPOINT = f"{API_URL}/coupons"

st.title("Coupons")

with st.form("create_coupon"):
    code_input = st.text_input("Code")
    percentage_input = st.number_input("Percentage", value=0.0)
    submitted = st.form_submit_button("Create Coupon")

if submitted:
    try:
        payload = {
            "code": code_input,
            "percentage": percentage_input,
        }
        response = requests.post(ENDPOINT, json=payload, timeout=10)
        if response.status_code == 201:
            st.success("Coupon created")
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
        st.info("No coupons yet")
except (requests.RequestException, ValueError) as error:
    st.error(f"The list could not be loaded: {error}")
