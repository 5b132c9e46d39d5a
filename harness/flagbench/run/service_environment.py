"""Environment variables by which a subject finds the services of its scenario, and their keys."""

import os
from collections.abc import Mapping

from flagbench.scenario.services import ServicePart

# What stands in place of a key during a replay.
PLACEHOLDER = "flagbench"


def variables(services: Mapping[str, ServicePart], *, is_recording: bool) -> dict[str, str]:
    """The variables of a cell: base URLs, and keys, which are real in a recording alone.

    Read before the environment of the cell is sealed.
    """
    found = {part.env: part.base_url for part in services.values() if part.env is not None}
    for name in (name for part in services.values() for name in part.keys):
        found[name] = (os.environ.get(name, "") if is_recording else "") or PLACEHOLDER
    return found
