"""How long a test waits for what must come: a guard against a hang on a slow machine."""

PATIENCE_SECONDS = 300
