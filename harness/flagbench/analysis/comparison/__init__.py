"""Two series of results, paired and held against each other: how much, how sure, and a gate.

`cells` reads results, `paired` pairs them and refuses what cannot be paired, `comparison` puts the
statistics together, `gate` decides.
"""
