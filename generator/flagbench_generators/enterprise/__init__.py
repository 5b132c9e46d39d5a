"""The `enterprise` generator: a backend with its infrastructure, by six agents under a budget."""
