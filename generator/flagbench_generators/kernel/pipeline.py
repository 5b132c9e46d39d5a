"""Pipelines: agents as data and their texts, read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jinja2

from flagbench_generators.kernel.rule import RuleBook, load_rules

_PROMPTS = Path(__file__).parent / "prompts"


@dataclass(frozen=True, slots=True)
class Agent:
    """An engineer who writes one kind of artifact.

    `path` is the file, with `{module}`; `needs` the kinds whose artifacts its prompt contains,
    `reads` those that it contains if they are there; `heading` the heading of its artifact in other
    prompts. Standards, template and rules are the files named after the kind. Kinds of one `owner`
    share calls and a budget of tokens.
    """

    kind: str
    role: str
    task: str
    path: str
    heading: str
    needs: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    owner: str = ""

    @property
    def caller(self) -> str:
        """The name under which the agent calls the model."""
        return self.owner or self.kind


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Agents in their sequential order, and the folder `root` of their texts.

    The folder has `standards/`, `rules/`, `templates/`, and in `scaffold/` the files around the
    generated ones. Templates get the request's specification as `template_variable`.
    """

    name: str
    agents: tuple[Agent, ...]
    root: Path
    template_variable: str
    prompts: Path = _PROMPTS


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts of a pipeline: standards and rules by kind, prompts and code templates."""

    full_standards: Mapping[str, str]
    compressed_standards: Mapping[str, str]
    rules: Mapping[str, RuleBook]
    prompts: jinja2.Environment
    templates: jinja2.Environment
    template_variable: str


@cache  # the files do not change while a process runs, and a benchmark runs thousands of sessions
def texts_of(pipeline: Pipeline) -> Texts:
    """Read and compile all texts of a pipeline, so that errors show before a session begins.

    Raises `ValueError` for a wrong rule, and the errors of jinja2 or the file system.
    """
    kinds = [agent.kind for agent in pipeline.agents]
    texts = Texts(
        full_standards=_read(pipeline.root / "standards", kinds),
        compressed_standards=_read(pipeline.root / "standards" / "compressed", kinds),
        rules={kind: load_rules(pipeline.root / "rules" / f"{kind}.yaml") for kind in kinds},
        prompts=environment(pipeline.prompts),
        templates=environment(pipeline.root / "templates"),
        template_variable=pipeline.template_variable,
    )
    for loaded in (texts.prompts, texts.templates):
        for name in loaded.list_templates(extensions=["j2"]):
            loaded.get_template(name)
    return texts


@cache  # as above
def scaffold_of(pipeline: Pipeline) -> Mapping[str, str]:
    """Read the files around the generated ones, by path in the application."""
    folder = pipeline.root / "scaffold"
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".py", ".txt")
    }


def _read(folder: Path, kinds: list[str]) -> dict[str, str]:
    return {kind: (folder / f"{kind}.md").read_text(encoding="utf-8").strip() for kind in kinds}


def environment(*folders: Path) -> jinja2.Environment:
    """The environment of the templates in folders, of which the first with a name has it."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folders),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        autoescape=False,  # noqa: S701  the output is Python and Markdown, not HTML
    )
