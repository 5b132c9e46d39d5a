"""Database modules; each has a SCHEMA and a migrate function."""
