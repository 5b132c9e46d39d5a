"""Items of a shard: each collected item of a scenario with its cost, and the part that is run."""

import hashlib
from collections.abc import Sequence

import pytest

from flagbench.cassette.cassette import canonical
from flagbench.pytest_plugin.division import Choice, Division, divide
from flagbench.pytest_plugin.items import OURS


def in_shard(
    items: Sequence[pytest.Item], choice: Choice
) -> tuple[Division, frozenset[pytest.Item]]:
    """The division of the items, and the items of other shards.

    Items of other plugins are in every shard.
    """
    ordered = sorted(
        ((_file(item), *item.place_and_cost(), item) for item in items if isinstance(item, OURS)),
        key=lambda entry: (*entry[:2], entry[-1].name),
    )
    parts = divide([cost for *_, cost, _ in ordered], choice.of)
    named = [(item.nodeid, cost) for *_, cost, item in ordered]
    division = Division(
        digest=hashlib.sha256(canonical(named).encode()).hexdigest()[:16],
        folders=tuple(sorted({str(item.path.parent) for *_, item in ordered})),
        items=len(ordered),
        own=parts.count(choice.number),
    )
    others = frozenset(
        item for (*_, item), part in zip(ordered, parts, strict=True) if part != choice.number
    )
    return division, others


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]
