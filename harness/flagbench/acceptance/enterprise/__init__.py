"""The judge of enterprise systems: a proof for each component, by the tools of its kind."""
