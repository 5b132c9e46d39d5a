"""Division of series into parts: nothing is lost or doubled, and no part is much too great."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from flagbench.pytest_plugin.division import divide


@given(st.lists(st.integers(1, 10**9), max_size=60), st.integers(1, 100))
def test_every_item_is_in_one_part_of_bounded_cost(costs: list[int], parts: int) -> None:
    """At most the mean and the greatest single cost; the order of the items is kept."""
    places = divide(costs, parts)
    assert len(places) == len(costs)
    assert all(1 <= place <= parts for place in places)
    assert places == sorted(places)
    of_part: Counter[int] = Counter()
    for place, cost in zip(places, costs, strict=True):
        of_part[place] += cost
    if costs:
        assert parts * max(of_part.values()) <= sum(costs) + parts * max(costs)
