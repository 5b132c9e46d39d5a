"""Tables and figures of a run as files for a paper."""
