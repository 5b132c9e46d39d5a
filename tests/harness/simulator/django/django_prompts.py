"""Prompts of a pipeline that builds Django backends, as its contract describes them."""

import json
from collections.abc import Sequence
from typing import Any

from django_project import PATHS, SHOP

GO_ON = "Go on exactly where the text above ends, and repeat nothing."


def body(user: str, *more: tuple[str, str]) -> dict[str, Any]:
    """A request body; `more` are (role, text) of later messages."""
    system = "You are the data modeller of a team.\n\nYour work keeps the standard:\n\n# Models"
    texts = [("system", system), ("user", user), *more]
    messages = [{"role": role, "content": text} for role, text in texts]
    return {"model": "gpt-4o-mini", "messages": messages}


def specified(erd: dict[str, Any] = SHOP) -> str:
    """The specification as prompts carry it."""
    return f"# Specification\n\n```json\n{json.dumps(erd, indent=2)}\n```\n\n"


def generate(
    kind: str,
    erd: dict[str, Any] = SHOP,
    *,
    rejected: str = "",
    issues: Sequence[str] = (),
    context: str = "",
) -> dict[str, Any]:
    """An engineer is asked for a file, or for another try."""
    user = f"# Request\n\nDjango REST backend of the ERD shop\n\n{specified(erd)}"
    user += f"# Models module\n\n```python\n{context}\n```\n\n" if context else ""
    user += f"# Rejected version\n\n```python\n{rejected}\n```\n\n" if rejected else ""
    user += "# Issues\n\n" + "".join(f"- {issue}\n" for issue in issues) + "\n" if issues else ""
    user += f"# Task\n\nWrite the complete file `{PATHS[kind]}`, of the project shop.\n"
    return body(user + "Answer with the code of that one file and nothing else.")


def patch(kind: str, current: str, issues: Sequence[str]) -> dict[str, Any]:
    """An engineer is asked for search/replace blocks."""
    user = specified() + f"# Current version\n\n```python\n{current.rstrip()}\n```\n\n# Issues\n\n"
    user += "".join(f"- {issue}\n" for issue in issues)
    user += (
        f"\n# Task\n\nMend these issues in `{PATHS[kind]}` and change nothing else. Answer only "
    )
    return body(
        user + "with search/replace blocks:\n\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n"
    )


def go_on(asked: dict[str, Any], said: str, words: str = GO_ON) -> dict[str, Any]:
    """The rest of an answer is asked for."""
    more = [{"role": "assistant", "content": said}, {"role": "user", "content": words}]
    return {**asked, "messages": [*asked["messages"], *more]}
