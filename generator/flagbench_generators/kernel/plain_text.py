"""A model's words as text that a terminal shows and does not obey."""

import re

# Control characters without tab and newline, halves of surrogate pairs, and characters that
# reorder the text around them or end a line.
_OBEYED = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)


def plain_text(text: str) -> str:
    r"""The text with every such character as its escape, such as `\x1b`."""
    return _OBEYED.sub(lambda found: ascii(found[0])[1:-1], text)
