"""The API: models, and what is offered of them over HTTP."""
