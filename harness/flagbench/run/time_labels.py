"""Labels of the time of a cell, see docs/time.md."""

# On a virtual clock, the same digits everywhere.
EXACT = "exact"
# Recorded latencies and sleeps of a command on a virtual clock; its own work is measured apart.
EVENTS = "events"
# Recorded latencies in a part of real time, where a command's threads cannot be seen.
SCALED = "scaled"
