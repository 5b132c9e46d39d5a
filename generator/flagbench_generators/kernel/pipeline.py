"""What a pipeline is: agents as data, and the texts that belong to them, read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jinja2

from flagbench_generators.kernel.rule import RuleBook, load_rules

_PROMPTS = Path(__file__).parent / "prompts"


@dataclass(frozen=True, slots=True)
class Agent:
    """One engineer: makes one kind of artifact.

    `path` names the file with `{module}`; `needs` the kinds whose artifacts it must see; `shown_as`
    is the heading under which others see its artifact. Standards, template and rules are the files
    named after the kind.
    """

    kind: str
    role: str
    task: str
    path: str
    shown_as: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Agents in the order in which they work alone, and the folder `root` of their texts.

    It has `standards/`, `rules/`, `templates/`, and in `scaffold/` the files around what the agents
    write. Templates see what is asked for under the name `seen_as`.
    """

    name: str
    agents: tuple[Agent, ...]
    root: Path
    seen_as: str
    prompts: Path = _PROMPTS


@dataclass(frozen=True, slots=True)
class Texts:
    """A pipeline's texts: standards by kind, compiled rules by kind, prompts and code templates."""

    full_standards: Mapping[str, str]
    compressed_standards: Mapping[str, str]
    rules: Mapping[str, RuleBook]
    prompts: jinja2.Environment
    templates: jinja2.Environment
    seen_as: str


@cache  # the files do not change while a process runs, and a benchmark runs thousands of sessions
def texts_of(pipeline: Pipeline) -> Texts:
    """Read and compile everything a pipeline needs. Raises `ValueError` for a bad pattern, and
    jinja2's or the file system's own errors: at the start, not in the middle of a session.
    """
    kinds = [agent.kind for agent in pipeline.agents]
    texts = Texts(
        full_standards=_read(pipeline.root / "standards", kinds),
        compressed_standards=_read(pipeline.root / "standards" / "compressed", kinds),
        rules={kind: load_rules(pipeline.root / "rules" / f"{kind}.yaml") for kind in kinds},
        prompts=_environment(pipeline.prompts),
        templates=_environment(pipeline.root / "templates"),
        seen_as=pipeline.seen_as,
    )
    for environment in (texts.prompts, texts.templates):
        for name in environment.list_templates(extensions=["j2"]):
            environment.get_template(name)
    return texts


@cache  # as above
def scaffold_of(pipeline: Pipeline) -> Mapping[str, str]:
    """The files around what a pipeline's agents write, by path in the application."""
    folder = pipeline.root / "scaffold"
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*.py"))
    }


def _read(folder: Path, kinds: list[str]) -> dict[str, str]:
    return {kind: (folder / f"{kind}.md").read_text(encoding="utf-8").strip() for kind in kinds}


def _environment(folder: Path) -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        autoescape=False,  # noqa: S701  the output is Python and Markdown, not HTML
    )
