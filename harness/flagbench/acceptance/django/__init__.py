"""Judge of Django REST projects, which checks them against their ERD."""
