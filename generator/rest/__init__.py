"""The second generator: a Django REST backend from an ERD, with scores, people and recovery."""
