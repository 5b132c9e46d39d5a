"""Parsing of a prompt as a model would read it: task, kind of file, material.

Headings and fences are cues; nothing depends on the generator's exact sentences.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flagbench.simulator.crud.specification import Shape, shape_of
from flagbench.simulator.django.prompt_parser import erd_in, kind_in
from flagbench.simulator.django.specification import Project, project_of
from flagbench.simulator.enterprise.order import Order, order_in

_FENCE = re.compile(r"^(`{3,}|~{3,})\s*(\w*)[^\n]*\n(.*?)^\1\s*$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$")
_PATH = re.compile(r"\b(?:app/)?(schemas|routes|pages)/\w+\.py\b|\btests?/test_\w+\.py\b")
_FOLDER = {"schemas": "database", "routes": "backend", "pages": "frontend"}
_KIND_WORDS = (
    ("frontend", re.compile(r"streamlit|frontend", re.I)),
    ("tests", re.compile(r"pytest|integration tests|test (?:module|file)", re.I)),
    ("database", re.compile(r"sqlite schema|database (?:schema|agent|engineer)|migrat", re.I)),
    ("backend", re.compile(r"fastapi|backend|\brouter?s?\b", re.I)),
)
_BULLET = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+(.*)$")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its text; `code` is the content of the first fence, "" without one."""

    heading: str
    text: str
    code: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """The request of a conversation.

    `task` is recognise, generate, regenerate, patch, review, components or other; `kind` is the
    kind of file, "" where it does not matter; `current` is the file to change or to review,
    `rejected` an earlier try. A specification is a `shape` (one entity), a `project` (an ERD) or an
    `order` (files of an enterprise backend). `orders` are the sentences that tell how to do it: the
    system messages and the closing section.
    """

    task: str
    kind: str
    request: str
    shape: Shape | None
    current: str
    issues: tuple[str, ...]
    json: bool
    orders: str
    rejected: str = ""
    project: Project | None = None
    order: Order | None = None


def read(body: Mapping[str, Any]) -> Prompt:
    """Read the messages of a chat completion request."""
    texts = message_texts(body)
    system = "\n".join(text for role, text in texts if role in {"system", "developer"})
    user = "\n\n".join(text for role, text in texts if role == "user") or system
    sections = split_sections(user)
    wants_json = isinstance(body.get("response_format"), Mapping) and str(
        body["response_format"].get("type", "")
    ).startswith("json")
    specification = _specification(sections)
    code_blocks = [s.code or s.text for s in sections]
    erd = erd_in(code_blocks) if specification is None and not wants_json else None
    artifact = _section(sections, r"artifact|file under review|code to review|candidate")
    current = artifact or _section(sections, r"current|existing (?:file|version|code)")
    rejected = _section(sections, r"reject|previous (?:attempt|version|answer)|failed")
    issues = _issues(sections)
    order = order_in(sections, f"{system}\n{user}", issues)
    if order is not None:
        return Prompt("components", "", user, None, "", issues, wants_json, system, order=order)
    closing = _section(sections, r"\btask\b|instruction|what to do")
    last = (closing.text if closing else (sections[-1].text if sections else user)).lower()
    material = specification is not None or current is not None or erd is not None
    task = _task(last, wants_json, artifact is not None) if material else ""
    if not task:
        recognising = re.search(
            r"recogni[sz]|intent|extract|entit(?:y|ies)|specification", system, re.I
        )
        task = "recognise" if wants_json and recognising else "other"
    if task == "generate" and (rejected or issues):
        task = "regenerate"
    words = (last, artifact.text if artifact else "", user, system)
    kind = kind_in(words) if erd is not None else _kind(*words)
    missing = not kind or not (specification or erd)
    if task in {"generate", "regenerate", "patch", "review"} and missing:
        task = "other"
    story = _section(sections, r"request|user story|words")
    return Prompt(
        task=task,
        kind=kind,
        request=(story.text if story else user).strip(),
        shape=shape_of(specification) if specification is not None else None,
        current=(current.code or current.text) if current else (rejected.code if rejected else ""),
        issues=issues,
        json=wants_json,
        orders="\n".join([system, closing.text if closing else user]),
        rejected=rejected.code if rejected else "",
        project=project_of(erd) if erd is not None else None,
    )


def schema_of_answer(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The JSON Schema that the answer must follow, None without."""
    wanted = body.get("response_format")
    named = wanted.get("json_schema") if isinstance(wanted, Mapping) else None
    schema = named.get("schema") if isinstance(named, Mapping) else None
    return schema if isinstance(schema, Mapping) else None


def message_texts(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Role and text of every message; the text parts of a list are joined by newlines."""
    texts = []
    for message in body.get("messages") or ():
        content = message.get("content")
        if isinstance(content, list):
            parts = [part.get("text") for part in content if isinstance(part, Mapping)]
            content = "\n".join(part for part in parts if isinstance(part, str))
        texts.append((str(message.get("role", "")), content if isinstance(content, str) else ""))
    return texts


def split_sections(text: str) -> list[Section]:
    """Sections by Markdown heading; a line like a heading inside a fence is code."""
    sections: list[Section] = []
    heading, lines, fence = "", list[str](), ""
    for line in text.split("\n"):
        mark = re.match(r"(`{3,}|~{3,})", line)
        if fence:
            fence = "" if line.rstrip() == fence else fence
        elif mark:
            fence = mark.group(1)
        title = None if fence or mark else _HEADING.match(line)
        if title:
            sections.append(_section_of(heading, lines))
            heading, lines = title.group(1), []
        else:
            lines.append(line)
    sections.append(_section_of(heading, lines))
    return [section for section in sections if section.heading or section.text]


def _section_of(heading: str, lines: Sequence[str]) -> Section:
    text = "\n".join(lines).strip("\n")
    fence = _FENCE.search(text + "\n")
    return Section(heading.strip(), text, fence.group(3) if fence else "")


def _section(sections: Sequence[Section], pattern: str) -> Section | None:
    heading = re.compile(pattern, re.I)
    return next((section for section in sections if heading.search(section.heading)), None)


def _specification(sections: Sequence[Section]) -> Mapping[str, Any] | None:
    named = [s for s in sections if re.search(r"spec|entity|erd", s.heading, re.I)]
    for section in [*named, *sections]:
        for text in (section.code, section.text):
            start, end = text.find("{"), text.rfind("}")
            if start < 0 or '"entity"' not in text:
                continue
            try:
                value = json.loads(text[start : end + 1])
            except ValueError:
                continue
            if isinstance(value, dict) and "entity" in value:
                return value
    return None


def _issues(sections: Sequence[Section]) -> tuple[str, ...]:
    section = _section(sections, r"issue|problem|finding|complaint|feedback")
    if section is None:
        return ()
    bullets = [match.group(1) for match in map(_BULLET.match, section.text.split("\n")) if match]
    return tuple(bullets or ([section.text.strip()] if section.text.strip() else []))


def _task(last: str, wants_json: bool, artifact: bool) -> str:
    """Task of a prompt with a specification or a file; "" where its last section fits none."""
    if re.search(r"search\s*/\s*replace|<<<<<<<\s*search|\bpatch\b", last) and not wants_json:
        return "patch"
    if artifact or (wants_json and re.search(r"\bapproved?\b|\breview\b|verdict", last)):
        return "review"
    return "" if wants_json else "generate"


def _kind(*texts: str) -> str:
    for text in texts:
        match = _PATH.search(text)
        if match:
            return _FOLDER.get(match.group(1) or "", "tests")
    for text in (texts[-1], *texts):
        for kind, pattern in _KIND_WORDS:
            if pattern.search(text):
                return kind
    return ""
