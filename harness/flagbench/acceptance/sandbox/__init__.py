"""Processes in which generated code runs, and the walls around them; judges use `sandbox` alone."""
