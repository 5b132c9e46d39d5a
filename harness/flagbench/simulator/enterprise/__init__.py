"""The simulated model for enterprise backends, whose files are asked for by one or several.

`order` finds the files, the brief and the context in a prompt, `brief` reads the brief, `facts` are
what a file says, `slips` change them, `drafting` writes a file in one of two styles of its kind
from `texts`, `dirt` spoils its text, and `answer` puts the files of a call together.
"""
