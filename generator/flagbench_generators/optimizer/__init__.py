"""Performance optimizer: parts of its operations, caches and throttle; no front door yet."""
