"""The simulated provider: an OpenAI-compatible server that writes, reviews and patches code.

Latency, failures, fences and the defects of what it writes follow documented distributions: those
of gpt-4o-mini in a public experiment where it was measured, and assumptions elsewhere. `README.md`
in this package has every value with its source, and tells habits of the model from orders of the
prompt; `calibration` measures them.

Every random number comes from a digest of the job, the trial, the occurrence and the settings'
seed, so a recording repeats bit for bit, and other words for the same job draw nothing new. The
provider never sees flags, and knows nothing of the generator's templates.
A figure measured against it is evidence about the generator's prompts, calls, schedule and checks,
not about any vendor's model.
"""
