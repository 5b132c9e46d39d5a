"""`crud`: requests in plain words become FastAPI, SQLite, Streamlit and pytest files."""
