"""Prompts as the contract describes them, and in other words."""

import json
from collections.abc import Sequence
from typing import Any

PATHS = {
    "database": "app/schemas/{}.py",
    "backend": "app/routes/{}.py",
    "frontend": "app/pages/{}.py",
    "tests": "tests/test_{}.py",
}
RECOGNISER = (
    "You recognise what a request asks for. Answer with one JSON object and nothing else:"
    ' {"intent": ..., "entity": ..., "attributes": [], "relations": [], "rules": []}'
)


def _body(system: str, user: str, *, as_json: bool = False) -> dict[str, Any]:
    messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
    body: dict[str, Any] = {"model": "gpt-4o-mini", "messages": messages}
    return body | ({"response_format": {"type": "json_object"}} if as_json else {})


def _fenced(heading: str, code: str, language: str = "python") -> str:
    return f"# {heading}\n\n```{language}\n{code.rstrip()}\n```\n\n"


def specification_section(specification: dict[str, Any]) -> str:
    """The specification as prompts carry it."""
    return _fenced("Specification", json.dumps(specification, indent=2), "json")


def path_of(kind: str, specification: dict[str, Any]) -> str:
    """Target path of an artifact."""
    return PATHS[kind].format(specification["entity"].lower())


def recognise(words: str) -> dict[str, Any]:
    """The recogniser is asked."""
    return _body(RECOGNISER, f"# Request\n\n{words}\n", as_json=True)


def generate(
    kind: str,
    specification: dict[str, Any],
    *,
    current: str = "",
    rejected: str = "",
    issues: Sequence[str] = (),
) -> dict[str, Any]:
    """An engineer is asked for a file, or for another try."""
    user = "# Request\n\nAdd it.\n\n" + specification_section(specification)
    user += _fenced("Current version", current) if current else ""
    user += _fenced("Rejected version", rejected) if rejected else ""
    user += "# Issues\n\n" + "".join(f"- {issue}\n" for issue in issues) + "\n" if issues else ""
    path = path_of(kind, specification)
    user += f"# Task\n\nWrite the complete file `{path}`. Answer with the code of that one file."
    return _body("You are an engineer.\n\n## Standard\n\n# Use type hints.", user)


def patch(
    kind: str, specification: dict[str, Any], current: str, issues: Sequence[str]
) -> dict[str, Any]:
    """An engineer is asked for search/replace blocks."""
    user = specification_section(specification) + _fenced("Current version", current)
    user += "# Issues\n\n" + "".join(f"- {issue}\n" for issue in issues)
    user += f"\n# Task\n\nMend `{path_of(kind, specification)}`. "
    user += "Answer only with search/replace blocks:\n\n<<<<<<< SEARCH\nold\n=======\nnew\n"
    return _body("You are an engineer.", user + ">>>>>>> REPLACE\n")


def review(kind: str, specification: dict[str, Any], code: str) -> dict[str, Any]:
    """The tech lead is asked."""
    user = specification_section(specification)
    user += f"# Artifact\n\n{kind} `{path_of(kind, specification)}`\n\n```python\n{code}\n```\n\n"
    user += '# Task\n\nAnswer with one JSON object {"approved": true|false, "issues": []}'
    return _body("You are the tech lead. Standard: FastAPI, pytest.", user, as_json=True)


def content(answer: Any) -> str:
    """Text of the first choice."""
    return str(answer.body["choices"][0]["message"]["content"])


def code_in(text: str) -> str:
    """The code of an answer, without fence and prose."""
    if "```" not in text:
        return text + "\n"
    return text.split("```", 2)[1].split("\n", 1)[1]


def applied(code: str, text: str) -> str:
    """The code with every search/replace block applied; each must be found exactly once."""
    parts = text.split("<<<<<<< SEARCH\n")[1:]
    assert parts
    for part in parts:
        search, rest = part.split("=======\n", 1)
        replacement = rest.split(">>>>>>> REPLACE", 1)[0]
        assert code.count(search) == 1, search
        code = code.replace(search, replacement)
    return code
