"""Briefs: every prompt of the contract, byte by byte, and nothing in it that is not there."""

from pathlib import Path

import pytest
from scripted import PAIR, tiny_pipeline

from flagbench_generators.crud.agents import CRUD
from flagbench_generators.crud.spec import Attribute, Entity, Recognition
from flagbench_generators.kernel.pipeline import texts_of
from flagbench_generators.kernel.prompt_builder import Job, PromptBuilder, Rejection
from flagbench_generators.kernel.review import Verdict

STUDENT = Entity(name="Student", attributes=(Attribute(name="name", type="string"),))
WORDS = 'Add a Student with name <b>"&"</b> {{ braces }}'
REJECTION = Rejection("BAD = 1\n", ("line 1: is wrong", "is odd"))


def prompts(folder: Path, *, compressed: bool = False) -> PromptBuilder:
    """The generator's own prompts with short standards."""
    return PromptBuilder(texts_of(tiny_pipeline(folder)), compressed)


def job(*, context: tuple[tuple[str, str], ...] = (), current: str = "") -> Job:
    """The backend's job."""
    return Job(PAIR[1], STUDENT, WORDS, context, current)


def fenced(heading: str, code: str) -> str:
    """A section with code."""
    return f"# {heading}\n\n```python\n{code}\n```\n\n"


REQUEST = f"# Request\n\n{WORDS}\n\n"
SPECIFIED = f"# Specification\n\n```json\n{STUDENT.specification}\n```\n\n"
ISSUES = "# Issues\n\n- line 1: is wrong\n- is odd\n\n"
FILE = "`routes/student.py`"
CODE_ONLY = "Answer with the code of that one file and nothing else.\n"


def test_a_first_version(tmp_path: Path) -> None:
    """Request, specification, task: what is not there has no section. Nothing is escaped."""
    prompt = prompts(tmp_path).make(job())
    task = f"# Task\n\nWrite the complete file {FILE}, with routes Student.\n"
    assert prompt.user == REQUEST + SPECIFIED + task + CODE_ONLY
    assert prompt.form is None


def test_a_file_that_needs_another(tmp_path: Path) -> None:
    """The dependency stands under its own heading, between specification and task."""
    prompt = prompts(tmp_path).make(job(context=(("Database module", "SCHEMA = 1\n"),)))
    task = f"# Task\n\nWrite the complete file {FILE}, with routes Student.\n"
    module = fenced("Database module", "SCHEMA = 1")
    assert prompt.user == REQUEST + SPECIFIED + module + task + CODE_ONLY


def test_a_later_version(tmp_path: Path) -> None:
    """The file as it is now, after the dependency; the task speaks of a new version."""
    context = (("Database module", "SCHEMA = 2\n"),)
    prompt = prompts(tmp_path).make(job(context=context, current="OLD = 1\n\n"))
    task = (
        f"# Task\n\nWrite the complete new version of the file {FILE}, "
        "with routes Student as it is specified now.\n"
    )
    assert prompt.user == (
        REQUEST + SPECIFIED + fenced("Database module", "SCHEMA = 2")
        + fenced("Current version", "OLD = 1") + task + CODE_ONLY
    )  # fmt: skip


@pytest.mark.parametrize("current", ["", "OLD = 1\n"])
def test_a_rejected_version(tmp_path: Path, current: str) -> None:
    """All of the first prompt, then what was rejected and why; the whole file again."""
    prompt = prompts(tmp_path).make(job(current=current), REJECTION)
    task = (
        f"# Task\n\nThe rejected version has the issues above. Write the complete file {FILE} "
        "again, with routes Student, without these issues.\n"
    )
    now = fenced("Current version", "OLD = 1") if current else ""
    rejected = fenced("Rejected version", "BAD = 1")
    assert prompt.user == REQUEST + SPECIFIED + now + rejected + ISSUES + task + CODE_ONLY


def test_a_patch(tmp_path: Path) -> None:
    """Specification, the rejected file as the current one, its issues; no words, no context."""
    earlier = job(context=(("Database module", "SCHEMA = 1\n"),), current="OLD = 1\n")
    prompt = prompts(tmp_path).patch(earlier, REJECTION)
    before, task = prompt.user.split("# Task\n\n")
    assert before == SPECIFIED + fenced("Current version", "BAD = 1") + ISSUES
    assert task == (
        f"Mend these issues in {FILE} and change nothing else. "
        "Answer only with search/replace blocks:\n\n"
        "<<<<<<< SEARCH\n"
        "lines exactly as they stand in the current version, enough of them to be found once\n"
        "=======\nthe lines that replace them\n>>>>>>> REPLACE\n"
    )
    assert prompt.form is None


def test_a_review(tmp_path: Path) -> None:
    """Kind and path in the artifact's first line, then the code; the answer is JSON."""
    prompt = prompts(tmp_path).review(job(current="OLD = 1\n"), "NEW = 1\n", Verdict)
    before, task = prompt.user.split("# Task\n\n")
    assert before == (
        f"{SPECIFIED}# Artifact\n\nThe backend file {FILE}:\n\n```python\nNEW = 1\n```\n\n"
    )
    assert task.endswith(
        'Answer with one JSON object and nothing else: {"approved": true or false, '
        '"issues": [{"line": 12, "message": "what is wrong"}]}\n'
    )
    assert prompt.form is Verdict


def test_a_recognition(tmp_path: Path) -> None:
    """The words alone; the schema in words names every field of a recognition."""
    prompt = prompts(tmp_path).recognise(WORDS, Recognition)
    assert prompt.user == f"# Request\n\n{WORDS}\n"
    assert prompt.form is Recognition
    fields = ("intent", "entity", "attributes", "relations", "rules", "name", "type", "required",
              "kind", "target")  # fmt: skip
    assert [one for one in fields if f'"{one}"' not in prompt.system] == []


@pytest.mark.parametrize(
    ("compressed", "standard"), [(False, "Full standard of backend."), (True, "Short: backend.")]
)
def test_the_standard_goes_to_engineers_and_to_the_tech_lead(
    tmp_path: Path, compressed: bool, standard: str
) -> None:
    """Role, sentence, standard: for each phase on an artifact, and none for the recogniser."""
    asks = prompts(tmp_path, compressed=compressed)
    kept = f"You serve.\n\nYour work keeps the standard of the team:\n\n{standard}\n"
    assert asks.make(job()).system == kept
    assert asks.make(job(), REJECTION).system == kept
    assert asks.patch(job(), REJECTION).system == kept
    assert asks.review(job(), "x = 1\n", Verdict).system.startswith("You are the tech lead")
    assert asks.review(job(), "x = 1\n", Verdict).system.endswith(f":\n\n{standard}\n")
    assert "tandard of" not in asks.recognise(WORDS, Recognition).system


@pytest.mark.parametrize("kind", [agent.kind for agent in CRUD.agents])
def test_the_real_standards_are_full_or_compressed(kind: str) -> None:
    """Each agent of the pipeline has its own two, and gets the one that the flag names."""
    texts = texts_of(CRUD)
    (agent,) = [one for one in CRUD.agents if one.kind == kind]
    task = Job(agent, STUDENT, WORDS, (), "")
    full, short = texts.full_standards[kind], texts.compressed_standards[kind]
    assert PromptBuilder(texts, compressed=False).make(task).system.endswith(f"\n\n{full}\n")
    assert PromptBuilder(texts, compressed=True).make(task).system.endswith(f"\n\n{short}\n")
    assert len(set(texts.full_standards.values())) == len(CRUD.agents)
    assert len(set(texts.compressed_standards.values())) == len(CRUD.agents)


def test_a_file_is_named_by_its_module(tmp_path: Path) -> None:
    """`OrderLine` is written to `order_line.py`."""
    assert Job(PAIR[1], Entity(name="OrderLine"), "", (), "").path == "routes/order_line.py"
