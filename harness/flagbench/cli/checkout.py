"""Checkouts of commits in a folder of their own, with the code of each commit."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path

from flagbench import git

_ONLY_SKIPPED_LEFT = 2  # the exit code of git bisect


class Checkout:
    """A git worktree at `tree` of the repository at `top`; `inside` leads to the project."""

    def __init__(self, top: Path, tree: Path, inside: Path) -> None:
        self.top = top
        self.root = tree
        self.tree = tree / inside

    @contextmanager
    def of(self, commit: str) -> Iterator[None]:
        """Have the worktree, at first at a commit."""
        git.run(self.top, "worktree", "add", "--detach", "--quiet", str(self.root), commit)
        try:
            yield
        finally:
            git.run(self.top, "worktree", "remove", "--force", str(self.root))

    def go_to(self, commit: str) -> None:
        """Check out a commit, and drop what a run left, apart from its cache."""
        git.run(self.root, "checkout", "--detach", "--force", "--quiet", commit)
        git.run(self.root, "clean", "-ffdxq", "--exclude", ".flagbench")

    def copy(self, folder: str, to: Path) -> None:
        """Copy a folder of the project, which may be missing."""
        if (self.tree / folder).is_dir():
            shutil.copytree(self.tree / folder, to)
        else:
            to.mkdir()

    def environment(self, roots: Iterable[Path]) -> Mapping[str, str]:
        """The environment with these folders of the repository taken from the worktree."""
        moved = [str(self.root / root.relative_to(self.top)) for root in roots]
        path = os.pathsep.join([*moved, *filter(None, [os.environ.get("PYTHONPATH")])])
        return {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}

    def bisect(
        self, good: str, bad: str, judge: Callable[[str], str]
    ) -> tuple[str | None, list[str]]:
        """The first bad commit; None, and the commits left, where skipped ones hide it.

        `judge` says good, bad or skip of a commit. Raises `LookupError` with git's reason where it
        cannot go on, such as for a good commit that is not an ancestor.
        """
        git.run(self.root, "bisect", "start", "--no-checkout", bad, good)
        try:
            while True:
                commit = git.resolve("BISECT_HEAD", self.root)
                said = git.run(
                    self.root, "bisect", judge(commit), commit, accepts=(0, _ONLY_SKIPPED_LEFT)
                )
                text = said.decode(errors="replace")
                if "is the first bad commit" in text:
                    return text.split()[0], []
                if "only 'skip'ped commits left" in text:
                    return None, [line for line in text.splitlines() if len(line) == len(commit)]
        finally:
            git.run(self.root, "bisect", "reset", good)


def installed_from(top: Path) -> list[Path]:
    """The folders of a repository that packages were installed from, to be edited in place."""
    roots = dict[Path, None]()
    for distribution in distributions():
        if '"editable"' not in (distribution.read_text("direct_url.json") or ""):
            continue
        for name in (distribution.read_text("top_level.txt") or "").split():
            spec = find_spec(name)
            if spec is None or spec.origin is None:
                continue
            folder = Path(spec.origin).resolve()
            root = folder.parents[1] if spec.submodule_search_locations else folder.parent
            if root.is_relative_to(top):
                roots[root] = None
    return list(roots)
