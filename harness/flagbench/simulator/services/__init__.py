"""Simulated services beside the provider: a code search and an API, over files that they are given.

They answer by what is in the files, from an index and a table of routes; latency and failures are
drawn as the provider's are, by the same settings.
"""
