"""The response cache: what makes two jobs the same, its levels, and a folder shared by a team."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from review_examples import SHOP, job
from scripted import Heard, tiny_pipeline

from flagbench_generators.django_rest.erd import Erd
from flagbench_generators.django_rest.request_spec import Project
from flagbench_generators.kernel.pipeline import texts_of
from flagbench_generators.kernel.prompt_builder import Job, PromptBuilder
from flagbench_generators.kernel.response_cache import FILE_NAME, ResponseCache

OTHER = Project(Erd(name="shop", entities=SHOP.erd.entities[1:]))


def answers(
    folder: Path, level: str = "both", model: str = "m", *, short: bool = False
) -> ResponseCache:
    """A cache over the tiny pipeline's texts."""
    return ResponseCache(
        folder, level, PromptBuilder(texts_of(tiny_pipeline(folder)), short), model
    )


def asked(project: Project = SHOP) -> Job:
    """A job of an agent of the tiny pipeline."""
    return replace(job("backend"), spec=project)


def test_the_same_job_is_a_hit(tmp_path: Path) -> None:
    """Whoever asks, in the same session or a later one."""
    heard = Heard()
    first = answers(tmp_path)
    first.put(asked(), "x = 1\n", heard.trace())
    same = replace(asked(), words="other words", current="old")
    assert first.get(same, heard.trace()) == "x = 1\n"
    first.close()
    assert answers(tmp_path).get(asked(), heard.trace()) == "x = 1\n"
    assert [one["tier"] for one in heard.named("cache_hit")] == ["memory", "disk"]


@pytest.mark.parametrize("changed", ["erd", "agent", "prompt", "model"])
def test_another_job_is_a_miss(tmp_path: Path, changed: str) -> None:
    """Another ERD, agent, standard or model."""
    answers(tmp_path).put(asked(), "x = 1\n", Heard().trace())
    task = asked(OTHER) if changed == "erd" else asked()
    if changed == "agent":
        task = replace(task, agent=replace(task.agent, kind="frontend"))
    other = answers(tmp_path, model="n" if changed == "model" else "m", short=changed == "prompt")
    assert other.get(task, Heard().trace()) is None


@pytest.mark.parametrize(("level", "in_file", "later"), [
    ("memory", False, None), ("disk", True, "x = 1\n"), ("both", True, "x = 1\n"),
])  # fmt: skip
def test_the_levels(tmp_path: Path, level: str, in_file: bool, later: str | None) -> None:
    """Memory ends with the session; disk is what others see."""
    heard, cache = Heard(), answers(tmp_path, level)
    cache.put(asked(), "x = 1\n", heard.trace())
    assert cache.get(asked(), heard.trace()) == "x = 1\n"
    tier = heard.named("cache_hit")[0]["tier"]
    assert tier == ("disk" if level == "disk" else "memory")
    cache.close()
    assert (tmp_path / FILE_NAME).exists() is in_file
    assert answers(tmp_path, level).get(asked(), heard.trace()) == later


WRITER = """
import sys
from pathlib import Path
sys.path[:0] = {path!r}
from test_rest_response_cache import answers, asked
from scripted import Heard
cache = answers(Path(sys.argv[1]))
for number in range(40):
    cache.put(asked(), f"x = {{number}}\\n", Heard().trace())
    assert cache.get(asked(), Heard().trace()) is not None
"""


@pytest.mark.thorough
def test_a_team_shares_a_folder(tmp_path: Path) -> None:
    """Two processes write the same entry at once: both end well, and a third reads a whole file."""
    answers(tmp_path).close()
    command = [sys.executable, "-c", WRITER.format(path=sys.path), str(tmp_path)]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(2)]
    for one in both:
        _, said = one.communicate()
        assert one.returncode == 0, said.decode()
    heard = Heard()
    assert answers(tmp_path).get(asked(), heard.trace()) == "x = 39\n"
    assert heard.named("cache_corrupt") == []
