"""One cell at a time: the subject, its clock, its transport; and recording."""
