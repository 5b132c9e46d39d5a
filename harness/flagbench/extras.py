"""Optional parts of an installation: what is there, and what a missing one is called."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec

from flagbench.errors import CouldNotRun, Problem

# Extra -> the modules of the libraries that it installs; a test holds it against the package's
# own metadata.
EXTRAS: Mapping[str, Sequence[str]] = {
    "report": ("jinja2", "matplotlib", "numpy", "pandas", "pyarrow", "scipy"),
    "crud": (
        "autoflake", "black", "fastapi", "flake8", "jinja2", "requests", "simplemma", "streamlit",
    ),
    "django": ("autoflake", "bandit", "black", "django", "flake8", "jinja2", "rest_framework"),
    "enterprise": (
        "autoflake", "bandit", "black", "check_jsonschema", "cryptography", "django", "fastapi",
        "flake8", "flask", "jinja2", "jsonschema", "kubernetes_validate", "openapi_spec_validator",
        "promql_parser", "pymarkdown", "uvicorn",
    ),
    "optimizer": ("httpx2", "psutil"),
    "simulator": ("jinja2", "starlette", "uvicorn"),
    "view": ("jinja2", "pygments", "starlette", "uvicorn"),
    "cluster": ("bokeh", "distributed"),
    "export": ("matplotlib", "typst"),
    "tokenizers": ("sentencepiece", "tokenizers"),
}  # fmt: skip


class MissingExtra(CouldNotRun):
    """A part of flagbench is used whose libraries are not installed."""


def missing(extra: str) -> tuple[str, ...]:
    """The modules of an extra that cannot be imported; none of them is imported to see that."""
    return tuple(module for module in EXTRAS[extra] if find_spec(module) is None)


def require(extra: str, user: str) -> None:
    """Raise `MissingExtra` where an extra is not installed; `user` is what needs it."""
    absent = missing(extra)
    if absent:
        what = f"{user} needs {', '.join(absent)}, not installed here"
        raise MissingExtra(Problem(what, fix=f"pip install 'flagbench[{extra}]'"))


def fix_for(error: ImportError, subject: str = "") -> str:
    """The command that installs what an import did not find, "" where no extra has it.

    Several extras may have it: that of the `subject`'s name comes first.
    """
    module = (error.name or "").partition(".")[0]
    for extra in sorted(EXTRAS, key=lambda name: name != subject):
        if module in EXTRAS[extra]:
            return f"pip install 'flagbench[{extra}]'"
    return ""
