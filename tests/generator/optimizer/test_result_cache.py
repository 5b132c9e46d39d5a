"""Results kept in memory, on disk and in both: valid ones are given back, and no others."""

import multiprocessing
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import time_machine

from flagbench_generators.kernel import sqlite_file
from flagbench_generators.optimizer.cache import ResultCache
from flagbench_generators.optimizer.settings import CacheStrategy, Settings


def cache_in(folder: Path, strategy: str) -> ResultCache:
    """A cache of this strategy."""
    return ResultCache(Settings(cache_strategy=CacheStrategy(strategy), disk_cache_path=folder))


@pytest.mark.parametrize("strategy", ["memory", "disk", "hybrid"])
def test_a_result_is_kept_until_its_time_is_over(tmp_path, strategy):
    """What lives no second is not given back; what has no end is."""
    cache = cache_in(tmp_path, strategy)
    cache.put_many({"kept": [1], "over": [2]}, None)
    cache.put_many({"over": [2]}, 0)
    assert cache.get_many(["kept", "over", "never"], None) == {"kept": [1]}
    assert cache.counts["expired"] == 1


@pytest.mark.parametrize("strategy", ["memory", "disk", "hybrid"])
@pytest.mark.parametrize(
    ("ttl", "kept"),
    [(None, ["a", "b"]), (100, ["a", "b"]), (31, ["a", "b"]), (30, []), (10, [])],
)
def test_a_time_to_live_that_is_lowered_holds_for_what_is_kept(tmp_path, strategy, ttl, kept):
    """A longer one does not bring back what is over."""
    cache = cache_in(tmp_path, strategy)
    with time_machine.travel(1e9, tick=False):
        cache.put_many({"a": 1}, 60)
        cache.put_many({"b": 2}, None)
        cache.put_many({"over": 3}, 20)
    with time_machine.travel(1e9 + 30, tick=False):
        assert list(cache.get_many(["a", "b", "over"], ttl)) == kept
    assert cache.counts["expired"] == 3 - len(kept)


def test_the_disk_survives_a_restart_and_memory_does_not(tmp_path):
    """Another cache on the same folder has what the disk kept."""
    for strategy, found in {"off": {}, "memory": {}, "disk": {"a": 1}, "hybrid": {"a": 1}}.items():
        folder = tmp_path / strategy
        cache_in(folder, strategy).put_many({"a": 1}, None)
        assert cache_in(folder, strategy).get_many(["a"], None) == found


def test_a_poisoned_entry_is_a_miss_and_counted(tmp_path):
    """The entry beside it is still there."""
    cache = cache_in(tmp_path, "disk")
    cache.put_many({"a": 1, "b": 2}, None)
    with sqlite3.connect(cache.path) as disk:
        disk.execute("UPDATE entries SET entry = '9' WHERE key = 'a'")
    assert cache.get_many(["a", "b"], None) == {"b": 2}
    assert cache.counts["corrupted"] == 1


def test_a_damaged_file_is_a_miss_and_is_made_again(tmp_path):
    """The cache can be used after it."""
    cache = cache_in(tmp_path, "disk")
    cache.path.write_bytes(b"not a database" * 1000)
    assert cache.get_many(["a"], None) == {}
    assert cache.counts["corrupted"] == 1
    cache.put_many({"a": 1}, None)
    assert cache.get_many(["a"], None) == {"a": 1}


def test_a_damaged_file_that_cannot_be_removed_is_counted(tmp_path):
    """Nothing is raised out of an operation."""
    cache = cache_in(tmp_path, "disk")
    cache.path.write_bytes(b"not a database" * 1000)
    cache.path.with_name("results.sqlite-shm").mkdir()
    assert cache.get_many(["a"], None) == {}
    assert (cache.counts["corrupted"], cache.counts["unavailable"]) == (1, 1)


def test_what_is_over_leaves_the_disk(tmp_path):
    """With the next result that is written; what has no end stays."""
    cache = cache_in(tmp_path, "disk")
    with time_machine.travel(1e9, tick=False):
        cache.put_many({"over": 1, "too": 2}, 10)
        cache.put_many({"kept": 3, "later": 4}, None)
    with time_machine.travel(1e9 + 10, tick=False):
        cache.put_many({"later": 5}, 10)
        assert cache.statistics["disk_cache"]["entries"] == 2
        assert cache.get_many(["kept", "later"], None) == {"kept": 3, "later": 5}


def test_what_cannot_be_forgotten_is_an_error(tmp_path, monkeypatch):
    """Where another process holds the file; the number of its entries is unknown."""
    monkeypatch.setattr(sqlite_file, "BUSY_TIMEOUT_SECONDS", 0.05)
    cache = cache_in(tmp_path, "hybrid")
    cache.put_many({"a": 1, "b": 2}, None)
    with closing(sqlite3.connect(cache.path)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(OSError, match="in use or not writable"):
            cache.clear()
    assert cache.clear() == 2
    assert cache.get_many(["a", "b"], None) == {}


def test_memory_holds_the_latest_used(tmp_path):
    """The entry that was not asked for goes first."""
    cache = ResultCache(Settings(cache_strategy=CacheStrategy.MEMORY, cache_size=2))
    cache.put_many({"a": 1, "b": 2}, None)
    cache.get_many(["a"], None)
    cache.put_many({"c": 3}, None)
    assert cache.get_many(["a", "b", "c"], None) == {"a": 1, "c": 3}


def _write(folder: Path, number: int) -> dict[str, int]:
    cache = cache_in(folder, "disk")
    for each in range(50):
        cache.put_many({f"{number}:{each}": each}, None)
        cache.get_many([f"{other}:{each}" for other in range(2)], None)
    return dict(cache.counts)


def test_processes_share_the_disk(tmp_path):
    """Both write and read at the same time; nothing is lost, damaged or refused."""
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        counts = pool.starmap(_write, [(tmp_path, 0), (tmp_path, 1)])
    keys = [f"{number}:{each}" for number in range(2) for each in range(50)]
    assert len(cache_in(tmp_path, "disk").get_many(keys, None)) == 100
    assert not any(count.get("corrupted") or count.get("unavailable") for count in counts)
