"""A Django REST project: what an ERD asks of it, and whether it keeps that."""
