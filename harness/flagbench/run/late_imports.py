"""A look at packages as soon as they are imported, without an import or a search of our own."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType


@contextmanager
def once_imported(names: Sequence[str], look: Callable[[ModuleType], None]) -> Iterator[None]:
    """Call `look` with each of these packages that is imported, or that is while this is open."""
    absent = set()
    for name in names:
        module = sys.modules.get(name)
        if module is None:
            absent.add(name)
        else:
            look(module)
    finder = _Finder(absent, look)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Finder(MetaPathFinder):
    """Finds only the packages of a set, whose loaders then call back."""

    def __init__(self, names: set[str], look: Callable[[ModuleType], None]) -> None:
        self._names = names
        self._look = look

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """The spec as Python finds it, with a loader that calls back; None for other packages."""
        if fullname not in self._names:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, self._look)
        return spec


class _Loader(Loader):
    """The loader of a package, and a call after it."""

    def __init__(self, loader: Loader, look: Callable[[ModuleType], None]) -> None:
        self._loader = loader
        self._look = look

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """The module as the package's own loader creates it."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Run the package, which gets its own loader back, and look at it."""
        assert module.__spec__ is not None  # noqa: S101  a finder made it
        module.__spec__.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._look(module)
