"""Kind of file and ERD in a prompt about a Django backend."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_PATH = re.compile(r"\bapi/(models|serializers|views|urls|auth)\.py\b")
_KIND_WORDS = (
    ("serializers", re.compile(r"serializer", re.I)),
    ("views", re.compile(r"\bview ?sets?\b|\bviews\b", re.I)),
    ("router", re.compile(r"\burls?\b|\brout(?:er|es?|ing)\b", re.I)),
    ("auth", re.compile(r"\bauth\w*|\bpermissions?\b", re.I)),
    ("models", re.compile(r"\bmodels?\b", re.I)),
)


def kind_in(texts: Sequence[str]) -> str:
    """Kind of the file that the first matching text names, by its path, else in words; or ""."""
    for text in texts:
        match = _PATH.search(text)
        if match:
            return "router" if match.group(1) == "urls" else match.group(1)
    for text in texts:
        for kind, pattern in _KIND_WORDS:
            if pattern.search(text):
                return kind
    return ""


def erd_in(texts: Iterable[str]) -> Mapping[str, Any] | None:
    """The first JSON object with `entities` in the texts, None where there is none."""
    for text in texts:
        start, end = text.find("{"), text.rfind("}")
        if start < 0 or '"entities"' not in text:
            continue
        try:
            value = json.loads(text[start : end + 1])
        except ValueError:
            continue
        if isinstance(value, dict) and isinstance(value.get("entities"), list):
            return value
    return None
