"""Headers between subject, harness and the simulated provider; a real provider gets none."""

# Set by a subject on its calls: the agent, its phase and the request that it works on.
AGENT = "x-agent"
PHASE = "x-phase"
REQUEST_ID = "x-client-request-id"

# Set by a recorder, so that the simulated provider can repeat a recording bit for bit.
TRIAL = "x-flagbench-trial"
OCCURRENCE = "x-flagbench-occurrence"

# On an answer: the latency in milliseconds, declared by a simulated server or measured, or
# "unknown".
ELAPSED = "x-flagbench-elapsed-ms"

# The failure in place of an answer: from the simulated provider to a recorder, and in a cassette.
OUTCOME = "x-flagbench-outcome"
CLOSED = "closed"
# In a cassette only: a stream that its connection ended early, by a close or by a reset.
CUT, RESET = "cut", "reset"

# In a cassette, on an answer after a refusal: the seconds that its call came after the refusal.
WAITED = "x-flagbench-waited-s"

# In a cassette: the chunks of a streamed answer, each with its end in bytes and its time in ms.
CHUNKS = "x-flagbench-chunks"

# In a cassette: the digest of the interaction as it was recorded.
DIGEST = "x-flagbench-digest"
