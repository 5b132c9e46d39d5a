"""Search/replace blocks, the patch format of the model."""

import re

_BLOCK = re.compile(
    r"^<{5,9} SEARCH[ \t]*\n(?P<search>.*?)^={5,9}[ \t]*\n(?P<replace>.*?)^>{5,9} REPLACE",
    re.MULTILINE | re.DOTALL,
)


class PatchRefused(Exception):  # noqa: N818  not an error: the whole file is written again
    """A patch that cannot be applied exactly."""


def apply_patch(text: str, answer: str) -> str:
    """Apply every block of an answer to a text.

    Raises `PatchRefused` without a block, or for a block whose lines do not occur exactly once.
    """
    blocks = list(_BLOCK.finditer(answer))
    if not blocks:
        raise PatchRefused("the answer has no search/replace block")
    for number, block in enumerate(blocks, start=1):
        search, replace = block["search"], block["replace"]
        # Whole lines: "id: int\n" must not match in the line "course_id: int".
        count = _count(f"\n{text}", f"\n{search}") if search.strip() else 0
        if count != 1:
            raise PatchRefused(f"block {number} stands {count} times in the file")
        text = f"\n{text}".replace(f"\n{search}", f"\n{replace}")[1:]
    return text


def _count(text: str, part: str) -> int:
    """Count the occurrences of a part in a text, overlapping ones included."""
    return len(re.findall(f"(?={re.escape(part)})", text))
