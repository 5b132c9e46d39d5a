"""The simulated provider: an OpenAI-compatible server that writes, reviews and patches code.

Latency is `0.86 s + 0.0204 s x completion tokens`, log-normal with sigma 0.24 and a Pareto tail;
code has the defects that gpt-4o-mini had in a public experiment (fences 75 %, lint violations 97 %,
does not parse 3 %, fails in FastAPI 6.8 %, 500 for 404 5.0 %, every field Optional 100 %) and some
that are assumptions. `README.md` in this package has the whole table, each value with its source.

Every random number comes from a digest of the request, the trial, the occurrence and the settings'
seed, so a recording repeats bit for bit. The provider never sees flags, and knows nothing of the
generator's templates.
A figure measured against it is evidence about the generator's prompts, calls, schedule and checks,
not about any vendor's model.
"""
