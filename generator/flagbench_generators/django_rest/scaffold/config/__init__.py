"""The project around the API: settings, addresses, server."""
