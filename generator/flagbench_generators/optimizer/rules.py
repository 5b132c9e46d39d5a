"""Rules per component of the optimizer: bounds and times of each operation."""

from collections import UserDict
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flagbench_generators.kernel.problem import nearest
from flagbench_generators.optimizer.analysis import MAX_FILE_SIZE

ANALYSIS, PATTERNS = "component_analysis", "pattern_validation"
API, SEARCH, LAYERS = "api_validation", "sourcegraph_search", "multi_layer_validation"
# cache_ttl, timeout: seconds, None for no bound. parallel_threshold: results to compute from which
# processes are used. batch_size: components in memory at a time, for each worker. The timeout of
# multi_layer_validation holds for each layer, the others for an operation.
DEFAULTS: Mapping[str, Mapping[str, float | None]] = {
    ANALYSIS: {"cache_ttl": 3600, "parallel_threshold": 50, "max_file_size": MAX_FILE_SIZE,
               "batch_size": 100, "timeout": None},
    PATTERNS: {"cache_ttl": 3600, "parallel_threshold": 500, "batch_size": 100, "timeout": None},
    API: {"cache_ttl": 300, "timeout": None},
    SEARCH: {"cache_ttl": 3600, "timeout": None},
    LAYERS: {"timeout": 600},
}  # fmt: skip


class Checked(UserDict[str, Any]):
    """A dictionary with the names of its defaults; `read` raises `ValueError` for a wrong value."""

    def __init__(self, defaults: Mapping[str, Any], read: Callable[[str, Any], Any]) -> None:
        self._names = list(defaults)
        self._read = read
        super().__init__(defaults)

    def __setitem__(self, name: str, value: Any) -> None:
        if name not in self._names:
            raise ValueError(f"unknown rule {name!r}; expected: {nearest(name, self._names)}")
        super().__setitem__(name, self._read(name, value))


def rules() -> Checked:
    """The rules of all components; those that an update leaves out have their defaults."""
    return Checked(DEFAULTS, _of_component)


def _of_component(component: str, values: Mapping[str, Any]) -> Checked:
    checked = Checked(DEFAULTS[component], partial(_number, component))
    checked.update(values)
    return checked


def _number(component: str, name: str, value: Any) -> float | None:
    is_time = name in ("cache_ttl", "timeout")
    kinds = (int, float) if is_time else (int,)
    is_number = isinstance(value, kinds) and not isinstance(value, bool) and value > 0
    if not is_number and not (value is None and is_time):
        expected = "seconds, more than 0, or None" if is_time else "a whole number from 1"
        raise ValueError(f"{component}.{name} is {value!r}; expected: {expected}")
    return value  # type: ignore[no-any-return]  # checked above
