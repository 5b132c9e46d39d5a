"""First difference of two texts or files, and the elided match of a quoted output."""

from itertools import zip_longest

from flagbench.printable import printable

_SHOWN, _BEFORE = 160, 60
ELLIPSIS = "…"


def first_difference(stated: str, made: str) -> tuple[str, ...]:
    """The number of the first line that differs, as it was stated and as it was made; () if none.

    An ellipsis in a stated line stands for any text, a line of it alone for any lines.
    """
    if stated == made:
        return ()
    made_lines, place = made.splitlines(), 0
    skipping = False
    for number, line in enumerate(stated.splitlines(), start=1):
        if line.strip() == ELLIPSIS:
            skipping = True
            continue
        if skipping:
            later = [k for k in range(place, len(made_lines)) if _matches(line, made_lines[k])]
            place, skipping = later[0] if later else len(made_lines), False
        found = made_lines[place] if place < len(made_lines) else None
        if found is None or not _matches(line, found):
            return _told(number, line, found)
        place += 1
    if place < len(made_lines) and not skipping:
        return _told(len(stated.splitlines()) + 1, None, made_lines[place])
    return () if ELLIPSIS in stated else _blanks(stated, made)


def first_byte(stated: bytes, made: bytes) -> tuple[str, ...]:
    """The place of the first byte that differs; () if none."""
    if stated == made:
        return ()
    place = next(k for k, (a, b) in enumerate(zip_longest(stated, made)) if a != b)
    return (f"first difference at byte {place:,} of {len(stated):,}",)


def _matches(stated: str, made: str) -> bool:
    pieces = stated.split(ELLIPSIS)
    if len(pieces) == 1:
        return stated == made
    if not made.startswith(pieces[0]) or not made.endswith(pieces[-1]):
        return False
    place = len(pieces[0])
    for piece in pieces[1:-1]:
        place = made.find(piece, place)
        if place < 0:
            return False
        place += len(piece)
    return len(made) - len(pieces[-1]) >= place


def _told(number: int, stated: str | None, made: str | None) -> tuple[str, ...]:
    pairs = zip_longest(stated or "", made or "")
    same = next((place for place, (then, now) in enumerate(pairs) if then != now), 0)
    return (
        f"first difference in line {number}",
        f"stated: {_short(stated, same)}",
        f"made:   {_short(made, same)}",
    )


def _blanks(stated: str, made: str) -> tuple[str, ...]:
    """A difference in the ends of lines, or at the end of the text."""
    return first_byte(stated.encode(), made.encode())


def _short(line: str | None, same: int) -> str:
    """A line, or the part of a long one in which it differs, behind `same` characters."""
    if line is None:
        return "(no such line)"
    first = max(0, same - _BEFORE) if len(line) > _SHOWN else 0
    part = line[first : first + _SHOWN]
    end = ELLIPSIS if first + _SHOWN < len(line) else ""
    return f"{ELLIPSIS if first else ''}{printable(part)}{end}"
