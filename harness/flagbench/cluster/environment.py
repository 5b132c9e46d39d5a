"""Everything installed that a result may depend on, here and on a worker."""

import platform
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import distributions

from flagbench.errors import Problem
from flagbench.report import subject_code

# They install the others, and are nothing to a run.
_INSTALLERS = ("pip", "setuptools", "uv", "wheel")


@cache
def installed() -> Mapping[str, str]:
    """Version of Python and of each distribution; of flagbench and its generators, the content."""
    found = dict[str, str]()
    for each in distributions():  # of two, the first is imported
        found.setdefault(each.name.lower(), each.version)
    code = {
        f"code of {module}": subject_code.digest(module)[:16]
        for module in ("flagbench", "flagbench_generators")
    }
    others = {name: version for name, version in found.items() if name not in _INSTALLERS}
    return {"Python": platform.python_version(), **code, **dict(sorted(others.items()))}


def differences(
    worker: str, found: Mapping[str, str], here: Mapping[str, str]
) -> Iterator[Problem]:
    """A problem for each thing installed here of which a worker has another version, or none."""
    for name, version in here.items():
        if (other := found.get(name, "not installed")) != version:
            yield Problem(
                f"{name} is {other} on the worker, {version} here",
                f"worker {worker}",
                "one version everywhere: a result depends on it",
                "install the same lock file here and on the workers",
            )
