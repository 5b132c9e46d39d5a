"""Commands as subjects: a program behind a proxy on loopback, its answers held on a clock."""
