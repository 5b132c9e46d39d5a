"""Foreign text, such as a subject's or a model's, made fit for every terminal and every file."""

import re

# Control characters without tab and newline, halves of surrogate pairs (which UTF-8 cannot
# encode), and characters that reorder the text around them.
_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    r"""The text with every unfit character as its escape, such as `\x1b` or `\ud83d`."""
    return _UNFIT.sub(lambda found: ascii(found[0])[1:-1], text)
