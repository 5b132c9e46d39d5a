"""The suites of the solutions run only beside the application that they test."""

collect_ignore_glob = ["*/tests/*"]
