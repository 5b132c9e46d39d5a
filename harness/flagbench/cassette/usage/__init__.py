"""Token usage of a call: counted by the shape of its API, and as the provider reports it."""
