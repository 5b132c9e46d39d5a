"""An OpenAI-compatible server on loopback; the model's name says how it answers."""
