"""Code generators with optimisations to switch on and off: subjects of the benchmark."""
