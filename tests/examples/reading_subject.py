"""Files of a subject that reads in every way: its package, data, a variable, late imports."""

from pathlib import Path

FILES = {
    "desk/__init__.py": "",
    "desk/subject.py": """\
import importlib
import os
from dataclasses import replace
from pathlib import Path

import tiny
from desk import style
from desk.parts import mark


async def write(*given, **more):
    made = await tiny.write(*given, **more)
    late = importlib.import_module("desk_" + "late")
    words = Path("data/words.txt").read_text() + os.environ.get("DESK_MODE", "")
    names = sorted(os.listdir("data"))
    end = f"# {style.TEXT}{mark.text()}{late.WORD}{words}{names}"
    return replace(made, artifacts=[replace(file, text=file.text + end) for file in made.artifacts])


write.factors = tiny.write.factors
""",
    "desk/style.py": """\
from pathlib import Path

TEXT = Path(__file__).with_name("style.txt").read_text()
""",
    "desk/style.txt": "plain",
    "desk/parts/__init__.py": "",
    "desk/parts/mark.py": """\
from pathlib import Path


def text():
    return "".join(each.read_text() for each in sorted(Path(__file__).parent.glob("*.md")))
""",
    "desk/parts/one.md": "one",
    "desk_late.py": 'WORD = "late"\n',
    "data/words.txt": "words",
    "scenarios/first.txt": "a function that adds two numbers",
    "prices.yaml": (
        "- {model: gpt-4o-mini, since: 2024-07-18, input: 0.15, output: 0.60, source: a list}\n"
    ),
}


def write(folder: Path) -> None:
    """Write the files, and let the tiny scenario be of this subject."""
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    scenario = folder / "scenarios" / "tiny.yaml"
    text = scenario.read_text().replace("tiny.write", "desk.subject.write")
    text = text.replace("- a function that adds two numbers", "- file: first.txt")
    scenario.write_text(f"{text}prices: ../prices.yaml\n")
