"""`python tests/faults/catalogue.py [PATH]`: all faults, counted, and a page of them at a path.

Exits 1 if a fault was believed or ended in a traceback.
"""

import sys
from pathlib import Path

import damaged_files
import ended_recorders
import hostile_input
import provider_faults
from click import echo
from counted import MUST_NOT_BE, table

# The page, with `{damage}` and so on in the place of the tables.
TEMPLATE = Path(__file__).with_name("reliability.md")
PARTS = {
    "damage": (damaged_files, False),
    "provider": (provider_faults, True),
    "ended": (ended_recorders, True),
    "hostile": (hostile_input, False),
}


def main(target: str | None) -> int:
    """Print the tables, write the page; 1 if a fault was believed or ended in a traceback."""
    page, is_sound = TEMPLATE.read_text(encoding="utf-8"), True
    for name, (part, is_paid) in PARTS.items():
        rows = list(part.rows())
        lines = "\n".join(table(rows, part.OUTCOMES, is_paid=is_paid))
        echo(f"{lines}\n")
        page = page.replace(f"{{{name}}}", lines)
        is_sound &= not any(row.outcomes[outcome] for row in rows for outcome in MUST_NOT_BE)
    if target is not None:
        Path(target).write_text(page, encoding="utf-8")
    return 0 if is_sound else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else None))
