"""Proof that generated code works: it runs in a sandbox and is checked against its contract."""
