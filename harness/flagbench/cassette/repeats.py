"""Repeated runs of lines in a set of texts, found by Re-Pair.

Re-Pair (Larsson and Moffat, 1999) replaces the most frequent pair of neighbours by a new symbol,
until no pair repeats. Here all pairs that are at least half as frequent are replaced in the same
round, which makes the rounds few.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TypeAlias

# A shorter run is cheaper to repeat than to refer to.
SHARED_FROM_CHARACTERS = 40

# Shorter texts are not searched for repeats.
_DIVIDED_FROM_CHARACTERS = 200

# Pieces in pieces; a run beyond is written as the row of its own pieces.
_DEEPEST = 20

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


class Pieces(list["Piece"]):
    """The parts of a text in order. A part that repeats is the same object in all places.

    `shared` are those of them that repeat.
    """

    def __init__(self, parts: Iterable["_Part"]) -> None:
        row = list(parts)
        super().__init__(piece for piece, _ in row)
        self.shared = [piece for piece, is_shared in row if is_shared]


Piece: TypeAlias = str | Pieces
_Pair = tuple[int, int]
_Part = tuple[Piece, bool]
"""A piece, and whether it is shared."""


def divide(texts: Sequence[str]) -> tuple[list[Piece], dict[str, Piece]]:
    """Divide texts into pieces that they share; short texts are left out.

    Returns the shared pieces by first use, each after those that it consists of, and every text by
    its pieces; a text without a repeat stays whole. The result depends on the texts and their order
    alone.
    """
    occurrences = Counter(text for text in texts if len(text) >= _DIVIDED_FROM_CHARACTERS)
    lines: dict[str, int] = {}
    sequences = [
        [lines.setdefault(line, len(lines)) for line in _LINE.findall(text)] for text in occurrences
    ]
    rules = dict(enumerate(_replace_pairs(sequences, len(lines)), len(lines)))
    parts = _parts(list(lines), rules, sequences)
    shared: dict[int, Piece] = {}
    whole: dict[str, Piece] = {}
    for (text, count), sequence in zip(occurrences.items(), sequences, strict=True):
        row = _merged(part for symbol in sequence for part in parts[symbol])
        for part in row:
            _collect(part, shared)
        whole[text] = _joined(row)
        if count > 1:
            shared.setdefault(id(whole[text]), whole[text])
    return list(shared.values()), whole


def _collect(part: _Part, shared: dict[int, Piece]) -> None:
    """Add a shared piece after those that it consists of."""
    piece, is_shared = part
    if is_shared and id(piece) not in shared:
        for inner in piece.shared if isinstance(piece, Pieces) else ():
            _collect((inner, True), shared)
        shared[id(piece)] = piece


def _replace_pairs(sequences: list[list[int]], symbol: int) -> list[_Pair]:
    """Replace repeated pairs in place by symbols that count on from `symbol`; return the pairs."""
    rules: list[_Pair] = []
    while True:
        counts: Counter[_Pair] = Counter()
        for sequence in sequences:
            counts.update(pairwise(sequence))
        frequent = counts.most_common()
        enough = max(2, frequent[0][1] / 2) if frequent else 2
        replaced: dict[_Pair, int] = {}
        taken: set[int] = set()
        for pair, count in frequent:
            if count < enough:
                break
            if taken.isdisjoint(pair):
                taken.update(pair)
                replaced[pair] = symbol + len(rules)
                rules.append(pair)
        if not replaced:
            return rules
        for place, sequence in enumerate(sequences):
            if not taken.isdisjoint(sequence):
                sequences[place] = _replace(sequence, replaced)


def _replace(sequence: Sequence[int], replaced: Mapping[_Pair, int]) -> list[int]:
    result: list[int] = []
    place, last = 0, len(sequence) - 1
    while place < last:
        new = replaced.get((sequence[place], sequence[place + 1]))
        result.append(sequence[place] if new is None else new)
        place += 1 if new is None else 2
    return [*result, *sequence[place:]]


def _parts(
    lines: Sequence[str], rules: Mapping[int, _Pair], sequences: Iterable[Sequence[int]]
) -> list[list[_Part]]:
    """The parts of each symbol: one shared piece, or a row of parts."""
    direct = Counter(symbol for sequence in sequences for symbol in sequence)
    lengths = [*map(len, lines)]
    for left, right in rules.values():
        lengths.append(lengths[left] + lengths[right])

    def shared(admitted: Iterable[int]) -> set[int]:
        """Symbols worth sharing when only `admitted` rules stand for themselves."""
        kept, uses = set(admitted), Counter(direct)
        for symbol, pair in reversed(list(rules.items())):
            for part in pair:
                uses[part] += 1 if symbol in kept else uses[symbol]
        return {
            symbol
            for symbol, length in enumerate(lengths)
            if uses[symbol] > 1 and length >= SHARED_FROM_CHARACTERS
        }

    wanted = shared(rules)
    depths = [0] * len(lines)
    for symbol, pair in rules.items():
        depths.append(max(depths[part] for part in pair) + (symbol in wanted))
    shallow = {symbol for symbol in wanted if depths[symbol] <= _DEEPEST}
    deep = wanted - shallow
    chosen = shared(shallow) - deep
    parts: list[list[_Part]] = []
    for symbol in range(len(lengths)):
        if symbol < len(lines):
            row: list[_Part] = [(lines[symbol], False)]
        else:
            left, right = rules[symbol]
            row = _merged([*parts[left], *parts[right]])
        parts.append([(_joined(row), True)] if symbol in chosen else row)
    return parts


def _merged(row: Iterable[_Part]) -> list[_Part]:
    """Join neighbours that are not shared."""
    result: list[_Part] = []
    for piece, is_shared in row:
        before, was_shared = result[-1] if result else ("", True)
        if isinstance(piece, str) and isinstance(before, str) and not (is_shared or was_shared):
            result[-1] = before + piece, False
        else:
            result.append((piece, is_shared))
    return result


def _joined(row: Sequence[_Part]) -> Piece:
    return row[0][0] if len(row) == 1 else Pieces(row)
