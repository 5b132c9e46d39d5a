"""The simulated model at work on CRUD applications."""
