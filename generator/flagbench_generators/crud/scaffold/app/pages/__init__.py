"""Streamlit pages; each is a script that talks to the API."""
