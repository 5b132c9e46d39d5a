"""The parts that all generators share: sessions, drafting, review, retries, prompts, caches."""
