"""Streamlit page to manage salas."""

import os

import requests
import streamlit as st

API_URL = os.environ.get("API_URL", "http://127.0.0.1:8000")
ENDPOINT = f"{API_URL}/salas"

st.title("Salas")

with st.form("create_sala"):
    numero_input = st.text_input("Numero")
    capacidade_input = st.number_input("Capacidade", step=1)
    submitted = st.form_submit_button("Create Sala")

if submitted:
    try:
        payload = {
            "numero": numero_input,
            "capacidade": capacidade_input,
        }
        response = requests.post(ENDPOINT, json=payload, timeout=10)
        if response.status_code == 201:
            st.success("Sala created")
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
        st.info("No salas yet")
except (requests.RequestException, ValueError) as error:
    st.error(f"The list could not be loaded: {error}")
