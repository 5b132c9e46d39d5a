"""Judges of CRUD artifacts: schema, routes, page, and tests."""
