"""The headers between subject, harness and the simulated provider; none reaches a real provider."""

# Set by a subject on its calls to say who asks what for.
AGENT = "x-agent"
PHASE = "x-phase"
REQUEST_ID = "x-client-request-id"

# Set by a recorder, so that the simulated provider can repeat a recording bit for bit.
TRIAL = "x-flagbench-trial"
OCCURRENCE = "x-flagbench-occurrence"

# On an answer: the latency in milliseconds, declared by the simulated provider or measured.
ELAPSED = "x-flagbench-elapsed-ms"

# What came in place of an answer: told to a recorder by the simulated provider, and in a cassette.
OUTCOME = "x-flagbench-outcome"
CLOSED = "closed"

# In a cassette: the digest of the interaction as it was recorded.
DIGEST = "x-flagbench-digest"
