"""Inputs in every way in which users' projects read them: after an edit, no cell is known."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from house import EXAMPLES, House
from sampled import sampled

_WORDS = (
    "scenarios", "--flagbench-combination=none", "-pflagbench.pytest_plugin.plugin",
    "-v", "-pno:cacheprovider", "-pno:unraisableexception",
)  # fmt: skip
# Each run is a process of its own with pytest in it, forked where all that is installed is loaded.
# The pages of a report are not written.
_FORKING = """
import gc, json, os, sys
import numpy, openai.resources.chat.completions, pytest, rich.table, scipy.special
import vcr.stubs.httpx_stubs
import flagbench.pytest_plugin.items, flagbench.run.openai_client
from flagbench import installed_files, tokenizer_choice
from flagbench.report import publish, subject_code
from flagbench.series.known_cells import file_digests
publish._write_extra = lambda *_: None
tokenizer_choice.counter("o200k_base")
subject_code.digest("flagbench")
file_digests.installation()
file_digests.began.cache_clear()
gc.freeze()
for line in sys.stdin:
    folder, arguments, variables = json.loads(line)
    child = os.fork()
    if child == 0:
        os.chdir(folder)
        os.environ |= variables
        sys.path[:0] = [folder, os.path.join(folder, "site-packages")]
        installed_files.installed_folders.cache_clear()
        with open("said.txt", "w") as said:
            os.dup2(said.fileno(), 1), os.dup2(said.fileno(), 2)
        os._exit(pytest.main(arguments))
    os.waitpid(child, 0)
    print("done", flush=True)
"""
_AGENT = """\
import importlib
import os
import sqlite3
from dataclasses import replace
from pathlib import Path

import tiny
{top}


async def write(*given, **more):
    made = await tiny.write(*given, **more)
    end = "# " + str({expression})
    return replace(made, artifacts=[replace(file, text=file.text + end) for file in made.artifacts])


write.factors = tiny.write.factors
"""


@dataclass(frozen=True)
class Case:
    """What a subject reads at import and while it runs, and how that is edited between two runs.

    It `runs` before: what it has made itself is not settled before its second run. An edit without
    an effect on the subject `keeps` its cells.
    """

    top: str = ""
    expression: str = "''"
    files: Mapping[str, str] = field(default_factory=dict)
    edited: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    edited_variables: Mapping[str, str] = field(default_factory=dict)
    scenario: str = ""
    runs: int = 1
    keeps: bool = False


_TOKENIZER = json.dumps(
    {
        "version": "1.0", "pre_tokenizer": {"type": "WhitespaceSplit"}, "added_tokens": [],
        "model": {"type": "WordLevel", "vocab": {"[UNK]": 0}, "unk_token": "[UNK]"},
        "truncation": None, "padding": None, "normalizer": None, "post_processor": None,
        "decoder": None,
    }
)  # fmt: skip
_DATA, _OTHER = {"data.txt": "a"}, {"data.txt": "b"}
_READ = "Path('data.txt').read_text()"
CASES = {
    "a file that it does not read": Case(
        expression=_READ, files={**_DATA, "README.md": "a"}, edited={"README.md": "b"}, keeps=True
    ),
    "a file while it runs": Case(expression=_READ, files=_DATA, edited=_OTHER),
    "conftest imports the subject": Case(
        f"TEXT = {_READ}", "TEXT", {**_DATA, "conftest.py": "import agent\n"}, _OTHER
    ),
    "conftest imports the subject, which reads a variable": Case(
        "TEXT = os.environ.get('DESK')", "TEXT", {"conftest.py": "import agent\n"},
        edited_variables={"DESK": "b"},
    ),
    "conftest sets the subject": Case(
        "TEXT = ''", "TEXT",
        {**_DATA, "conftest.py": f"import agent, pathlib\nagent.TEXT = pathlib.{_READ}\n"}, _OTHER,
    ),
    "a provider's variable at import": Case(
        "TEXT = os.environ.get('OPENAI_STYLE')", "TEXT", edited_variables={"OPENAI_STYLE": "b"}
    ),
    "a flag's variable at import": Case(
        "TEXT = os.environ.get('TINY_SHORT')", "TEXT", edited_variables={"TINY_SHORT": "b"}
    ),
    "all variables at import": Case(
        "TEXT = sorted(name for name, _ in os.environ.items() if name[:3] == 'HF_')", "TEXT",
        edited_variables={"HF_STYLE": "b"},
    ),
    "a session's variable": Case(
        expression="os.environ.get('CHAT_SESSION_STYLE')",
        edited_variables={"CHAT_SESSION_STYLE": "b"},
    ),
    "a session's variable among all": Case(
        expression="sorted(name for name, _ in os.environ.items() if name[:3] == 'CHA')",
        edited_variables={"CHAT_SESSION_STYLE": "b"},
    ),
    "a database by its URI": Case(
        expression="sqlite3.connect('file:kb.db?mode=ro', uri=True)"
        ".execute('select * from sqlite_master').fetchall()",
        files={"kb.db": "a"}, edited={"kb.db": "b"},
    ),
    "a folder that is there is made": Case(
        "os.makedirs('notes', exist_ok=True)", "Path('notes/a.txt').read_text()",
        {"notes/a.txt": "a"}, {"notes/a.txt": "b"},
    ),
    "a file in a folder that is there is made": Case(
        "try: os.mkdir('notes')\nexcept FileExistsError: pass", "sorted(os.listdir('notes'))",
        {"notes/a.txt": "a"}, {"notes/b.txt": "b"},
    ),
    "a default that the subject writes": Case(
        "FILE = Path('config.txt')\n"
        "if not FILE.exists(): FILE.write_text('a')\nTEXT = FILE.read_text()", "TEXT",
        edited={"config.txt": "b"}, runs=2,
    ),
    "a file that the subject removes": Case(
        "FILE = Path('once.txt')\ntry: TEXT = FILE.read_text(); FILE.unlink()\n"
        "except OSError: TEXT = ''", "TEXT", edited={"once.txt": "b"}, runs=2,
    ),
    "a file that the subject writes again": Case(
        "FILE = Path('data.txt')\nTEXT = FILE.read_text()\nif TEXT == 'b': FILE.write_text('a')",
        "TEXT", _DATA, _OTHER,
    ),
    "a variable as bytes": Case(
        expression="os.getenvb(b'DESK')", edited_variables={"DESK": "b"}
    ),
    "a variable that is taken out": Case(
        "TEXT = os.environ.pop('DESK', '')", "TEXT", variables={"DESK": "a"},
        edited_variables={"DESK": "b"},
    ),
    "a variable that is taken out of all": Case(
        "TEXT = [value for name, value in os.environ.items() if name == 'DESK']\n"
        "del os.environ['DESK']", "TEXT", variables={"DESK": "a"}, edited_variables={"DESK": "b"},
    ),
    "a hidden file in a listed folder": Case(
        expression="sorted(os.listdir('notes'))", files={"notes/a.txt": "a"},
        edited={"notes/.b": ""},
    ),
    "a file in a thread": Case(
        "from concurrent.futures import ThreadPoolExecutor\n"
        f"with ThreadPoolExecutor() as pool: TEXT = pool.submit(lambda: {_READ}).result()",
        "TEXT", _DATA, _OTHER,
    ),
    "a file in memory": Case(
        "import mmap", "mmap.mmap(os.open('data.txt', os.O_RDONLY), 0, prot=mmap.PROT_READ)[:]",
        _DATA, _OTHER,
    ),
    "a file in a folder that is opened": Case(
        "def read():\n    folder = os.open('notes', os.O_RDONLY)\n"
        "    return os.read(os.open('a.txt', os.O_RDONLY, dir_fd=folder), 9)",
        "read()", {"notes/a.txt": "a"}, {"notes/a.txt": "b"},
    ),
    "a file as code": Case("import io", "io.open_code(os.path.abspath('data.txt')).read()",
        _DATA, _OTHER,
    ),
    "a resource": Case(
        "import importlib.resources", "importlib.resources.read_text('notes', 'a.txt')",
        {"notes/a.txt": "a"}, {"notes/a.txt": "b"},
    ),
    "a file that may not be there": Case(
        expression="Path('notes/a.txt').exists()", files={"notes/b.txt": ""},
        edited={"notes/a.txt": "a"},
    ),
    "a file by its size": Case(
        expression="os.stat('notes/a.txt').st_size", files={"notes/a.txt": "a"},
        edited={"notes/a.txt": "bb"},
    ),
    "a file by its time": Case(
        expression="os.path.getmtime('notes/a.txt')", files={"notes/a.txt": "a"},
        edited={"notes/a.txt": "a"},
    ),
    "a folder that may be there": Case(
        expression="os.path.isdir('notes/b')", files={"notes/a.txt": "a"},
        edited={"notes/b/c.txt": "a"},
    ),
    "a file that may be read": Case(
        expression="os.access('notes/a.txt', os.R_OK)", files={"notes/b.txt": ""},
        edited={"notes/a.txt": "a"},
    ),
    "a file that may be executed": Case(
        expression="os.access('notes/a.sh', os.X_OK)", files={"notes/a.sh": "a"},
        edited={"notes/a.sh": "+x"},
    ),
    "a library in C": Case(
        "import ctypes\ndef load():\n    try: ctypes.CDLL('./data.txt')\n"
        "    except OSError: return 'none'",
        "load()", _DATA, _OTHER,
    ),
    "variables by their file": Case(
        expression="open('/proc/self/environ').read().count('DESK=b')",
        edited_variables={"DESK": "b"},
    ),
    "a pipe with a name": Case(
        "if not os.path.exists('pipe'): os.mkfifo('pipe')",
        "os.close(os.open('pipe', os.O_RDONLY | os.O_NONBLOCK))", edited=_DATA,
    ),
    "a file in another process": Case(
        "import multiprocessing as mp\nfrom concurrent.futures import ProcessPoolExecutor\n"
        "def read():\n"
        "    with ProcessPoolExecutor(1, mp_context=mp.get_context('forkserver')) as pool:\n"
        "        return pool.submit(Path.read_text, Path('data.txt')).result()",
        "read()", _DATA, _OTHER,
    ),
    "a temporary file": Case(
        "import tempfile\ndef read():\n"
        "    with tempfile.TemporaryDirectory() as folder:\n"
        "        (Path(folder) / 'a.txt').write_text('a')\n"
        "        return (Path(folder) / 'a.txt').read_text()",
        "read()", {"README.md": "a"}, {"README.md": "b"}, keeps=True,
    ),
    "a temporary file that stays": Case(
        "import tempfile\ndef read():\n    place = Path(tempfile.mkdtemp()) / 'a.txt'\n"
        "    place.write_text('a')\n    return place.read_text()",
        "read()", {"README.md": "a"}, {"README.md": "b"}, keeps=True,
    ),
    "a temporary file without a name": Case(
        "import tempfile\ndef read():\n"
        "    with tempfile.TemporaryFile() as file:\n        return file.write(b'a')",
        "read()", {"README.md": "a"}, {"README.md": "b"}, keeps=True,
    ),
    "a link": Case(
        expression="os.readlink('notes/link') if os.path.islink('notes/link') else ''",
        files={"notes/b.txt": ""}, edited={"notes/link": "@b.txt"},
    ),
    "a tokenizer": Case(
        files={"scenarios/words.json": _TOKENIZER},
        edited={"scenarios/words.json": _TOKENIZER + "\n"},
        scenario="tokenizer: tokenizers:words.json\n",
    ),
    "an installed module": Case(
        "import helper", "helper.TEXT", {"site-packages/helper.py": "TEXT = 'a'"},
        {"site-packages/helper.py": "TEXT = 'b'"},
    ),
    "a module of an installed package": Case(
        "from helper.text import TEXT", "TEXT",
        {"site-packages/helper/__init__.py": "", "site-packages/helper/text.py": "TEXT = 'a'"},
        {"site-packages/helper/text.py": "TEXT = 'b'"},
    ),
    "data of an installed package": Case(
        "import helper", "helper.text()",
        {"site-packages/helper/__init__.py": "from pathlib import Path\ndef text():\n"
         "    return Path(__file__).with_name('a.txt').read_text()",
         "site-packages/helper/a.txt": "a"}, {"site-packages/helper/a.txt": "b"},
    ),
    "an installed package that is not loaded": Case(
        "", "''", {"site-packages/helper.py": "TEXT = 'a'"},
        {"site-packages/helper.py": "TEXT = 'b'"}, keeps=True,
    ),
    "a program at import": Case(
        "import subprocess\nTEXT = subprocess.check_output(['cat', 'data.txt'], text=True)",
        "TEXT", _DATA, _OTHER,
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def forking() -> Iterator[Callable[..., None]]:
    """Runs pytest in a process with that folder and these variables."""
    command = [sys.executable, "-c", _FORKING]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        "PYTHONPATH": str(EXAMPLES),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdin
        assert process.stdout

        def run(folder: Path, **variables: str) -> None:
            time.sleep(0.05)  # files are older than the process that reads them
            process.stdin.write(json.dumps([str(folder), _WORDS, variables]) + "\n")
            process.stdin.flush()
            assert process.stdout.readline() == "done\n"

        yield run
        process.stdin.close()


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write files: a link where a text begins with @, a database with a table of that name.

    A file whose text is +x is made executable.
    """
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text == "+x":
            path.chmod(0o755)
        elif text.startswith("@"):
            path.symlink_to(text[1:])
        elif path.suffix == ".db":
            with sqlite3.connect(path) as database:
                database.execute(f"create table {text} (words)")
        else:
            path.write_text(text)


def known_in(house: House) -> int:
    """The known cells of the last run."""
    overhead = json.loads((house.path / "reports" / "latest" / "overhead.json").read_text())
    return sum(overhead["known_cells"]["tiny"].values())


@pytest.mark.parametrize("case", sampled(CASES.values(), 10), ids=CASES)
def test_an_edit_is_measured(house: House, forking: Callable[..., None], case: Case) -> None:
    """Of what a subject or a conftest reads, at import or later; without one, cells are known."""
    (house.path / "pytest.ini").write_text("[pytest]\nflagbench_scenarios = scenarios\n")
    house.edit("tiny.write", "agent.write")
    house.write(house.scenario_file.read_text() + case.scenario)
    agent = _AGENT.format(top=case.top, expression=case.expression)
    write(house.path, {"agent.py": agent, **case.files})
    for _ in range(case.runs):
        forking(house.path, **case.variables)
    write(house.path, case.edited)
    forking(house.path, **case.variables | case.edited_variables)
    said = (house.path / "said.txt").read_text()
    assert (known_in(house) > 0) is case.keeps, said
    assert ("read is not seen" in said) is ("conftest.py" in case.files)


def test_compiled_code_stands_for_its_source(house: House, forking: Callable[..., None]) -> None:
    """A plug-in that is loaded by its path is no module, and Python opens what it compiled."""
    (house.path / "pytest.ini").write_text("[pytest]\nflagbench_scenarios = scenarios\n")
    house.edit("tiny.write", "agent.write")
    top = (
        "import importlib.util, sys\nsys.dont_write_bytecode = False\ndef load():\n"
        "    spec = importlib.util.spec_from_file_location('plug', 'plugins/plug.py')\n"
        "    made = importlib.util.module_from_spec(spec)\n    spec.loader.exec_module(made)\n"
        "    return made.TEXT"
    )
    agent = _AGENT.format(top=top, expression="load()")
    write(house.path, {"agent.py": agent, "plugins/plug.py": "TEXT = 'a'\n"})
    forking(house.path)
    assert list((house.path / "plugins" / "__pycache__").iterdir())
    shutil.rmtree(house.path / ".flagbench")
    forking(house.path)
    write(house.path, {"plugins/plug.py": "TEXT = 'bb'\n"})
    forking(house.path)
    assert known_in(house) == 0


def test_what_is_kept_under_a_fixed_name_is_an_input(
    house: House, forking: Callable[..., None]
) -> None:
    """Also in the folder for temporary files, where the subject made it itself."""
    (house.path / "pytest.ini").write_text("[pytest]\nflagbench_scenarios = scenarios\n")
    house.edit("tiny.write", "agent.write")
    kept = Path(tempfile.gettempdir()) / f"kept-{house.path.parent.name}-{os.getpid()}.txt"
    top = (
        f"FILE = Path({str(kept)!r})\nif not FILE.exists(): FILE.write_text('a')\n"
        "TEXT = FILE.read_text()"
    )
    write(house.path, {"agent.py": _AGENT.format(top=top, expression="TEXT")})
    try:
        forking(house.path)
        kept.write_text("b")
        forking(house.path)
        assert known_in(house) == 0
        forking(house.path)
        assert known_in(house) == 2
    finally:
        kept.unlink()
