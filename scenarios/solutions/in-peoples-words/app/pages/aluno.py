"""Streamlit page to manage alunos."""

import os

import requests
import streamlit as st

API_URL = os.environ.get("API_URL", "http://127.0.0.1:8000")
ENDPOINT = f"{API_URL}/alunos"

st.title("Alunos")

with st.form("create_aluno"):
    nome_input = st.text_input("Nome")
    numero_de_matricula_input = st.number_input("Numero de matricula", step=1)
    submitted = st.form_submit_button("Create Aluno")

if submitted:
    try:
        payload = {
            "nome": nome_input,
            "numero_de_matricula": numero_de_matricula_input,
        }
        response = requests.post(ENDPOINT, json=payload, timeout=10)
        if response.status_code == 201:
            st.success("Aluno created")
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
        st.info("No alunos yet")
except (requests.RequestException, ValueError) as error:
    st.error(f"The list could not be loaded: {error}")
