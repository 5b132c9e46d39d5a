"""The processes behind the sandbox, and the walls around them; judges use `sandbox` alone."""
