"""Writes the files of a Django REST backend from an ERD, by itself, as a model would.

`asked` finds kind and ERD in a prompt, `project` reads the ERD, `plan` is what will be written,
`slips` change it, `writing` turns it into text in the `look` and style that are drawn, `mending`
answers a patch request.
"""
