"""Random numbers by name: each is drawn from a digest, so their order plays no part."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from statistics import NormalDist
from typing import Any, TypeVar

T = TypeVar("T")
_STANDARD_NORMAL = NormalDist()
_SMALLEST = 2.0**-54


def canonical(body: Mapping[str, Any]) -> bytes:
    """The request body as bytes that do not depend on key order or spacing.

    Lone surrogates, which JSON allows and UTF-8 does not, are encoded as such.
    """
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True)
class Rng:
    """Random numbers for one answer.

    The number of a stream depends on its name and on the request, never on other numbers that were
    drawn before; it is the same in every process and under every PYTHONHASHSEED. Since `chance`
    compares one number with the rate, a higher rate only adds events.
    """

    root: bytes

    @classmethod
    def of(cls, seed: int, body: Mapping[str, Any], trial: int, occurrence: int) -> "Rng":
        """Numbers for the `occurrence`-th identical request of a trial (both count from 1)."""
        digest = sha256(f"{seed}\n{trial}\n{occurrence}\n".encode())
        digest.update(canonical(body))
        return cls(digest.digest())

    def within(self, name: str) -> "Rng":
        """Separate numbers for one part of the answer."""
        return Rng(sha256(self.root + b"/" + name.encode("utf-8", "surrogatepass")).digest())

    def unit(self, stream: str) -> float:
        """A number in [0, 1)."""
        digest = sha256(self.root + stream.encode("utf-8", "surrogatepass")).digest()
        return (int.from_bytes(digest[:8], "big") >> 11) / 2.0**53

    def normal(self, stream: str) -> float:
        """A standard normal number."""
        return _STANDARD_NORMAL.inv_cdf(max(self.unit(stream), _SMALLEST))

    def chance(self, stream: str, rate: float) -> bool:
        """True with probability `rate`; a rate above 1 is 1."""
        return self.unit(stream) < rate

    def integer(self, stream: str, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self.unit(stream) * (high - low + 1))

    def pick(self, stream: str, options: Sequence[T]) -> T:
        """One of the options, each equally likely; raises IndexError when there are none."""
        return options[int(self.unit(stream) * len(options))]

    def hexadecimal(self, stream: str, digits: int) -> str:
        """A string of hexadecimal digits, at most 64."""
        return sha256(self.root + stream.encode("utf-8", "surrogatepass")).hexdigest()[:digits]
