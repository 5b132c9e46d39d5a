"""Simulated against real: what the provider answers, beside what gpt-4o-mini did.

`questions` are the prompts: the experiment's six requests, once with the orders of its prompt and
once with those of the shipped generator. `samples` serves them, `measures` counts, `figures` lists
each figure with its source and interval, `table` prints them.
"""
