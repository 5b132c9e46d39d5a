"""Every random decision of the provider: a named stream of a digest; order plays no part."""

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

    Lone surrogates, which JSON can carry and UTF-8 cannot, are kept.
    """
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True)
class Rng:
    """Random numbers for one answer.

    A stream's number depends on its name and on what was asked, never on which other numbers were
    drawn before it; the same holds in every process and under every PYTHONHASHSEED. Since a chance
    compares one number with the rate, raising a rate only ever adds events.
    """

    root: bytes

    @classmethod
    def of(cls, seed: int, body: Mapping[str, Any], trial: int, occurrence: int) -> "Rng":
        """Draws for the `occurrence`-th identical request of a trial (both count from 1)."""
        digest = sha256(f"{seed}\n{trial}\n{occurrence}\n".encode())
        digest.update(canonical(body))
        return cls(digest.digest())

    def within(self, name: str) -> "Rng":
        """Draws of their own for one part of the answer."""
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

    def whole(self, stream: str, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self.unit(stream) * (high - low + 1))

    def pick(self, stream: str, options: Sequence[T]) -> T:
        """One of the options, each equally likely; raises IndexError when there are none."""
        return options[int(self.unit(stream) * len(options))]

    def hexadecimal(self, stream: str, digits: int) -> str:
        """A string of hexadecimal digits, at most 64."""
        return sha256(self.root + stream.encode("utf-8", "surrogatepass")).hexdigest()[:digits]
