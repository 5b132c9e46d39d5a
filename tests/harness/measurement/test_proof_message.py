"""Messages of proofs: equal failures are equal, whatever was measured in this run."""

import pytest

from flagbench.measurement.proof_message import repeatable


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        (
            "404 for url: http://127.0.0.1:44513/gardens",
            "404 for url: http://127.0.0.1:PORT/gardens",
        ),
        ("localhost:8080 and 127.0.0.1:40001", "localhost:PORT and 127.0.0.1:PORT"),
        ("127.0.0.1:80 is an answer 500:12345", "127.0.0.1:80 is an answer 500:12345"),
        ("10.127.0.0.1:44513", "10.127.0.0.1:PORT"),
        ("", ""),
    ],
)
def test_ports_are_left_out(message: str, kept: str) -> None:
    """Those of this machine, of four or five digits; nothing else changes."""
    assert repeatable(message) == kept


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("assert 0.22484952199738473 < 0.001 | + where 0.22484952199738473 = max(…)",
         "assert … < 0.001 | + where … = max(…)"),
        ("assert 1.2345678901234e-05 < 1e-09", "assert … < 1e-09"),
        ("<generator object f.<locals>.<genexpr> at 0x7fc8a1cd6500>",
         "<generator object f.<locals>.<genexpr> at 0x…>"),
        ("1 failed, 2 passed in 0.12s", "1 failed, 2 passed in …s"),
        ("--- FAIL: TestAdd (0.00 s)", "--- FAIL: TestAdd (… s)"),
        ("slow (12ms), duration_ms 7018.936165", "slow (…ms), duration_ms …"),
        ("Ran 3 tests in 1.503 seconds", "Ran 3 tests in … seconds"),
        ("price 12.50, 3 s at most, version 1.26.4, 0xFF, 404", "price 12.50, 3 s at most, version "
         "1.26.4, 0xFF, 404"),
    ],
)  # fmt: skip
def test_times_and_places_in_memory_are_left_out(message: str, kept: str) -> None:
    """A test that is too strict shows how long it took, and so do pytest and other tools."""
    assert repeatable(message) == kept
