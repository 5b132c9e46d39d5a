"""A folder in the PYTHONPATH of commands, for Python alone."""
