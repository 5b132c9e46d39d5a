"""vcrpy, imported without the HTTP libraries that it need not know: it imports all that there are.

The only file that imports vcrpy. Whoever else uses vcrpy in this process gets all of it.
"""

import importlib.util
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from flagbench.http_library import NAME

# Package -> vcrpy's patcher. `run/own_clients.py` intercepts these once a subject imports them; the
# harness's own library is played by vcrpy.
_LIBRARIES = {
    "aiohttp": "aiohttp",
    "botocore": "boto3",
    "httpx": "httpx",
    "requests": "requests",
    "urllib3": "urllib3",
}
_LEFT_OUT = {package: patcher for package, patcher in _LIBRARIES.items() if package != NAME}
# The standard library's is intercepted in the same place.
SKIPPED_PATCHERS = ("httplib", *_LEFT_OUT.values())


@contextmanager
def _without(packages: Sequence[str]) -> Iterator[None]:
    """Let packages count as not installed."""
    modules: dict[str, Any] = sys.modules
    loaded = {name: modules[name] for name in packages if name in modules}
    modules.update(dict.fromkeys(packages))  # None is Python's own mark for it
    try:
        yield
    finally:
        for name in packages:
            del modules[name]
        modules.update(loaded)


_absent = tuple(name for name in _LEFT_OUT if name not in sys.modules)
with _without(_absent):
    from vcr import patch
    from vcr.cassette import Cassette as VcrCassette
    from vcr.record_mode import RecordMode
    from vcr.request import Request

__all__ = ["SKIPPED_PATCHERS", "RecordMode", "Request", "VcrCassette"]

_build, _reset_patchers = patch.CassettePatcherBuilder.build, patch.reset_patchers


def _build_for_anybody(builder: Any) -> Any:
    """Patch for a cassette; before that of anybody else, import what was left out."""
    if not set(SKIPPED_PATCHERS) <= set(getattr(builder._cassette, "skip_patchers", ())):
        patch.CassettePatcherBuilder.build = _build
        patch.reset_patchers = _reset_patchers
        spec = importlib.util.find_spec(patch.__name__)
        assert spec is not None and spec.loader is not None  # noqa: S101  it is imported
        whole = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(whole)
        missing = {
            name: value for name, value in vars(whole).items() if vars(patch).get(name) is None
        }
        vars(patch).update(missing)
    return _build(builder)


def _reset_what_is_patched() -> list[Any]:
    with _without(_absent):
        return list(_reset_patchers())


patch.CassettePatcherBuilder.build = _build_for_anybody
patch.reset_patchers = _reset_what_is_patched
