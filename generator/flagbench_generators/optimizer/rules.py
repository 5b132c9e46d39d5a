"""Rules per component of the optimizer: bounds and times of each operation."""

from collections import UserDict
from collections.abc import Mapping
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
_OPTIONAL = ("cache_ttl", "timeout")


class Rule(UserDict[str, Any]):
    """The rules of one component, each checked: `ValueError` for what it cannot have."""

    def __init__(self, component: str, values: Mapping[str, Any]) -> None:
        self._component = component
        super().__init__(DEFAULTS[component])
        self.update(values)

    def __setitem__(self, name: str, value: Any) -> None:
        known = DEFAULTS[self._component]
        if name not in known:
            raise ValueError(f"{self._component}: unknown rule {name!r}; "
                             f"expected: {nearest(name, list(known))}")  # fmt: skip
        kinds = (int, float) if name in _OPTIONAL else (int,)
        is_number = isinstance(value, kinds) and not isinstance(value, bool) and value > 0
        if not is_number and not (value is None and name in _OPTIONAL):
            expected = "seconds, more than 0, or None" if name in _OPTIONAL else "a whole number"
            raise ValueError(f"{self._component}.{name} is {value!r}; expected: {expected}")
        super().__setitem__(name, value)


class Rules(UserDict[str, Rule]):
    """The rules of all components; those that an update leaves out have their defaults."""

    def __init__(self) -> None:
        super().__init__({component: Rule(component, {}) for component in DEFAULTS})

    def __setitem__(self, component: str, values: Mapping[str, Any]) -> None:
        if component not in DEFAULTS:
            raise ValueError(f"unknown component {component!r}; "
                             f"expected: {nearest(component, list(DEFAULTS))}")  # fmt: skip
        super().__setitem__(component, Rule(component, values))
