"""The simulated model for Django REST backends, which are written from an ERD.

`prompt_parser` finds kind and ERD in a prompt, `specification` reads the ERD, `planning` makes the
plan of a file, `defects` change it, `writer` turns it into text in a drawn style (`style`), and
`patching` answers patch requests.
"""
