"""Proof that what was generated works: it is run, in a sandbox, and held against its contract."""
