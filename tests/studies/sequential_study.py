"""Wrong answers of a gate that is asked after every trial.

`python tests/studies/sequential_study.py [comparisons]` prints the rows of docs/changed-prompts.md.
"""

import sys
from collections.abc import Callable

import numpy as np

from flagbench.analysis.comparison import gate, sequential
from flagbench.analysis.comparison.gate import Answer

GATE = gate.parse("tokens > +2%")
MOST = 40
Draw = Callable[[np.random.Generator, int], np.ndarray]


def gaussian(deviation: float) -> Draw:
    """Log tokens with this spread."""
    return lambda draw, count: draw.normal(0, deviation, count)


def skewed(draw: np.random.Generator, count: int) -> np.ndarray:
    """A fifth of the trials is retried and costs 60 % more."""
    return draw.normal(0, 0.08, count) + np.where(draw.random(count) < 0.2, np.log(1.6), 0)


def _as_share(noise: Draw) -> Draw:
    """Log of amounts whose mean is 1, so that the means of two kinds of noise are the same."""
    mean = float(np.exp(noise(np.random.default_rng(0), 1_000_000)).mean())
    return lambda draw, count: noise(draw, count) - np.log(mean)


NOISE: dict[str, Draw] = {
    "spread 6 %": gaussian(0.06),
    "spread 10 %": gaussian(0.10),
    "spread 20 %": gaussian(0.20),
    "8 %, a fifth retried at +60 %": skewed,
}
UNEVEN: dict[str, tuple[Draw, Draw]] = {
    "A 5 %, B 60 %": (_as_share(gaussian(0.05)), _as_share(gaussian(0.60))),
    "A 5 %, a fifth of B retried at +60 %": (_as_share(gaussian(0.05)), _as_share(skewed)),
}
SIDES = {name: (noise, noise) for name, noise in NOISE.items()} | UNEVEN


def answer(
    sides: tuple[Draw, Draw], change: float, draw: np.random.Generator, most: int = MOST
) -> tuple[Answer, int]:
    """The first answer of a comparison whose true change is this, and its number of trials."""
    a, b = (np.exp(noise(draw, most)) for noise in sides)
    b *= 1 + change
    pairs = [(float(left), float(right)) for left, right in zip(a, b, strict=True)]
    for count in range(2, most + 1):
        look = sequential.look(GATE, pairs[:count])
        if look.answer is not Answer.INCONCLUSIVE:
            return look.answer, count
    return Answer.INCONCLUSIVE, most


def rates(
    sides: tuple[Draw, Draw], change: float, comparisons: int, seed: int = 1
) -> tuple[float, float, float, float]:
    """The shares of FAIL, PASS and INCONCLUSIVE, and the mean number of trials."""
    draw = np.random.default_rng(seed)
    found = [answer(sides, change, draw) for _ in range(comparisons)]
    counts = [
        sum(given is wanted for given, _ in found) / comparisons
        for wanted in (Answer.FAIL, Answer.PASS, Answer.INCONCLUSIVE)
    ]
    return counts[0], counts[1], counts[2], float(np.mean([trials for _, trials in found]))


def main(comparisons: int) -> None:
    """Print the table of docs/changed-prompts.md, then all rates.

    At the bound FAIL and PASS are both unsupported.
    """
    found = {
        (name, change): rates(sides, change, comparisons)
        for name, sides in SIDES.items()
        for change in (0.0, GATE.bound, 0.10, 0.25, -0.25)
    }
    lines = [
        "| noise between trials | at +2 %: wrong "
        "| at +10 %: FAIL (trials) | at +25 %: FAIL (trials) |",
        "|---|---|---|---|",
    ]
    for name in SIDES:
        wrong = sum(found[name, GATE.bound][:2])
        shares = [f"{fails:.0%} ({trials:.0f})".replace("%", " %") for fails, _, _, trials in
                  (found[name, change] for change in (0.10, 0.25))]  # fmt: skip
        lines.append(f"| {name} | {100 * wrong:.1f} % | {' | '.join(shares)} |")
    lines.append("")
    for (name, change), (*shares_of_three, trials) in found.items():
        cells = (name, f"{change:+.0%}", *map("{:.1%}".format, shares_of_three), f"{trials:.1f}")
        lines.append(f"| {' | '.join(cells)} |")
    sys.stdout.write("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
