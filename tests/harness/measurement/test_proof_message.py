"""Messages of proofs: equal failures are equal, whatever port the page was served on."""

import pytest

from flagbench.measurement.proof_message import without_ports


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
    assert without_ports(message) == kept
