"""Throttle and batcher are exact on a virtual clock."""

import asyncio

from flagbench.run.virtual_clock import run_virtual
from flagbench_generators.optimizer.batcher import Batcher
from flagbench_generators.optimizer.settings import Settings
from flagbench_generators.optimizer.throttle import Throttle


def test_a_request_leaves_when_the_third_before_it_is_a_second_old():
    """Eight requests at three a second."""
    throttle = Throttle(Settings(max_requests_per_second=3))

    async def main() -> list[float]:
        return await asyncio.gather(*(throttle() for _ in range(8)))

    assert run_virtual(main()) == ([0, 0, 0, 1, 1, 1, 2, 2], 2.0)


def test_a_full_batch_leaves_at_once_and_another_after_its_wait():
    """Five items in batches of three; every item has its own result."""
    left: list[tuple[float, list[int]]] = []

    async def process(items: list[int]) -> list[int]:
        left.append((asyncio.get_running_loop().time(), list(items)))
        return [2 * item for item in items]

    async def main() -> list[int]:
        batcher = Batcher(process, size=3, max_wait_seconds=1.5)
        return await asyncio.gather(*(batcher.submit(item) for item in range(5)))

    assert run_virtual(main()) == ([0, 2, 4, 6, 8], 1.5)
    assert left == [(0.0, [0, 1, 2]), (1.5, [3, 4])]
