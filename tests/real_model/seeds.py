"""Whether a shared seed gives two wordings of a prompt the same luck: the real model says.

python tests/real_model/seeds.py [SEEDS]

Each of three prompts is asked with and without three words more, both with the same seed. A
correlation of the lengths of the answers (log tokens) is the share of variance that a shared seed
removes from their difference.
"""

import math
import sys
from statistics import correlation, fmean, stdev

import openai
from model_server import MODEL, serving

PROMPTS = (
    "Write one short sentence about a student.",
    "Name a few things that a teacher keeps on a desk.",
    "Say what a course is.",
)
MORE = " Work with care."


def main(seeds: int) -> None:
    """Print the correlation, pooled over the prompts."""
    pairs: list[tuple[float, ...]] = []
    with serving() as url:
        client = openai.OpenAI(base_url=url, api_key="none", max_retries=0)

        def length(prompt: str, seed: int) -> float:
            answer = client.chat.completions.create(
                model=MODEL, messages=[{"role": "user", "content": prompt}], seed=seed,
                max_tokens=160, temperature=1.0,
            )  # fmt: skip
            assert answer.usage
            return math.log(answer.usage.completion_tokens)

        assert length(PROMPTS[0], 1) == length(PROMPTS[0], 1)
        for prompt in PROMPTS:
            sides = [
                [length(words, seed) for seed in range(1, seeds + 1)]
                for words in (prompt, prompt + MORE)
            ]
            standard = [[(x - fmean(side)) / stdev(side) for x in side] for side in sides]
            pairs += zip(*standard, strict=True)
    found = correlation(*zip(*pairs, strict=True))
    error = (1 - found**2) / math.sqrt(len(pairs))
    sys.stdout.write(f"{len(pairs)} pairs: correlation {found:+.2f} ± {1.96 * error:.2f}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
