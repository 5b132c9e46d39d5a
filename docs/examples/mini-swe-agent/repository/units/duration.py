"""Durations such as 1h30m."""

import re

SECONDS = {"s": 1, "m": 60, "h": 3600}


def parse(text):
    """The seconds of a duration."""
    number, unit = re.match(r"(\d+)([smh])", text).groups()
    return int(number) * SECONDS[unit]
