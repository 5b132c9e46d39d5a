"""Words and numbers that YAML 1.1 reads in its own way, such as `no` (false) and `010` (8)."""

import math
import re

import yaml

_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_FRACTION = re.compile(r"[-+]?(0|[1-9][0-9]*)?\.?[0-9]*([eE][-+]?[0-9]+)?\Z")
_TRUTH = re.compile(r"(true|True|TRUE|false|False|FALSE)\Z")
# YAML 1.2 and JSON have these numbers, PyYAML reads them as text.
_NUMBERS_OF_OTHERS = re.compile(
    r"[-+]?([0-9]+(\.[0-9]*)?[eE][0-9]+|[0-9]+[eE][-+][0-9]+|0o[0-7]+)\Z"
)
_QUOTED = "the text in quotes"
# Text without quotes, unless it is one of YAML's words.
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*\Z")


def written(text: str) -> str:
    """The scalar of a text on one line, in quotes where YAML would read anything else without."""
    if _WORD.match(text) and yaml.safe_load(text) == text:
        return text
    quoted = yaml.safe_dump(text, default_style='"', width=math.inf, allow_unicode=True)
    return str(quoted).rstrip("\n")


def ambiguity(node: yaml.ScalarNode) -> tuple[str, str]:
    """The other reading of a scalar, and the expected text; two "" for a scalar with one."""
    kind, text = node.tag.rpartition(":")[2], node.value
    if kind == "bool" and not _TRUTH.match(text):
        return f"{text!r} is a truth value in YAML 1.1", f"true or false, or {_QUOTED}"
    if kind == "int" and not _DECIMAL.match(text):
        read = yaml.SafeLoader("").construct_yaml_int(node)
        return f"{text!r} is {read} in YAML 1.1", f"a decimal number, or {_QUOTED}"
    if kind == "float" and not (_FRACTION.match(text) and math.isfinite(float(text))):
        return f"{text!r} is not a finite decimal number", f"a decimal number, or {_QUOTED}"
    if kind == "str" and not node.style and _NUMBERS_OF_OTHERS.match(text):
        return f"{text!r} is text in YAML 1.1, and a number elsewhere", f"1.0e+3, or {_QUOTED}"
    return "", ""
