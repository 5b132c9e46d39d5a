"""Search/replace blocks: the form in which a model mends a part of a file."""

import re

_BLOCK = re.compile(
    r"^<{5,9} SEARCH[ \t]*\n(?P<search>.*?)^={5,9}[ \t]*\n(?P<replace>.*?)^>{5,9} REPLACE",
    re.MULTILINE | re.DOTALL,
)


class PatchRefused(Exception):  # noqa: N818  not an error: the file is written whole instead
    """A patch that cannot be applied exactly."""


def patched(text: str, answer: str) -> str:
    """The text with every block of the answer applied.

    Raises `PatchRefused` if there is no block, or one whose lines are not in the text exactly once.
    """
    blocks = list(_BLOCK.finditer(answer))
    if not blocks:
        raise PatchRefused("the answer has no search/replace block")
    for number, block in enumerate(blocks, start=1):
        search, replace = block["search"], block["replace"]
        # Whole lines: "id: int\n" must not be found in the line "course_id: int".
        found = _count(f"\n{text}", f"\n{search}") if search.strip() else 0
        if found != 1:
            raise PatchRefused(f"block {number} stands {found} times in the file")
        text = f"\n{text}".replace(f"\n{search}", f"\n{replace}")[1:]
    return text


def _count(text: str, part: str) -> int:
    """How often the part stands in the text, places that overlap included."""
    return len(re.findall(f"(?={re.escape(part)})", text))
