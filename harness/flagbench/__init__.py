"""flagbench: what optimisation flags do to an LLM code generator, replayed, measured and judged."""
