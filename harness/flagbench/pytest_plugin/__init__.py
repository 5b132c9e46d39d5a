"""The pytest plugin: options, collection, and items."""
