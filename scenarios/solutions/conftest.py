"""The suites of the solutions run only within the application they test."""

collect_ignore_glob = ["*/tests", "*/tests/*"]
