"""The simulated model for CRUD applications: recognition, writing, review, patches."""
