"""The page of vehicles: a form for a new one, and the list of all."""

import datetime
import os

import requests
import streamlit as st

API_URL = os.environ.get("API_URL", "http://127.0.0.1:8000")
EARLIEST = datetime.datetime(1900, 1, 1)


def ask_api(method: str, body: dict | None = None) -> dict | list | None:
    """What the API answers; None, and an error on the page, if it fails."""
    try:
        response = requests.request(
            method, f"{API_URL}/vehicles", json=body, timeout=10
        )
        response.raise_for_status()
    except requests.RequestException as error:
        reason = error if error.response is None else error.response.text
        st.error(f"The API did not do this: {reason}")
        return None
    return response.json()


# Each asks for a value as JSON has it, and gives None for none.
def ask_text(label: str) -> str | None:
    return st.text_input(label) or None


def ask_long_text(label: str) -> str | None:
    return st.text_area(label) or None


def ask_integer(label: str) -> int | None:
    return st.number_input(label, value=None, step=1)


def ask_number(label: str) -> float | None:
    return st.number_input(label, value=None)


def ask_date(label: str) -> str | None:
    value = st.date_input(label, value=None, min_value=EARLIEST.date())
    return value and value.isoformat()


def ask_datetime(label: str) -> str | None:
    value = st.datetime_input(label, value=None, min_value=EARLIEST)
    return value and value.isoformat()


FIELDS = {
    "plate": ask_text,
    "brand": ask_text,
    "model": ask_text,
    "color": ask_text,
    "year": ask_integer,
    "mileage": ask_integer,
    "doors": ask_integer,
    "seats": ask_integer,
    "price": ask_number,
    "weight": ask_number,
    "length": ask_number,
    "width": ask_number,
    "height": ask_number,
    "engine_size": ask_number,
    "fuel_type": ask_text,
    "transmission": ask_text,
    "drive": ask_text,
    "chassis_number": ask_text,
    "registration_date": ask_date,
    "inspection_date": ask_date,
    "purchase_date": ask_date,
    "last_service_at": ask_datetime,
    "sold_at": ask_datetime,
    "insured": st.checkbox,
    "electric": st.checkbox,
    "imported": st.checkbox,
    "damaged": st.checkbox,
    "owner_name": ask_text,
    "owner_email": ask_text,
    "owner_phone": ask_text,
    "country": ask_text,
    "city": ask_text,
    "postal_code": ask_text,
    "insurer": ask_text,
    "policy_number": ask_text,
    "battery_capacity": ask_number,
    "range": ask_integer,
    "tyre_size": ask_text,
    "condition": ask_long_text,
    "notes": ask_long_text,
}

st.title("Vehicles")

with st.form("create"):
    body = {
        name: ask(name.replace("_", " ").capitalize())
        for name, ask in FIELDS.items()
    }
    is_sent = st.form_submit_button("Create Vehicle")

if is_sent and ask_api("POST", body):
    st.success("The vehicle was created.")

vehicles = ask_api("GET")
if vehicles is not None:
    st.dataframe(vehicles)
