"""Execution of a cell: the subject, its clock and its transport; and recording."""
