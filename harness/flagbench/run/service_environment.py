"""Environment variables by which a subject finds the services of its scenario, and their keys."""

import os
from collections.abc import Callable, Mapping

from flagbench.scenario.services import ServicePart, variable_of

# What stands in place of a key during a replay.
PLACEHOLDER = "flagbench"


def variables(services: Mapping[str, ServicePart], *, is_recording: bool) -> dict[str, str]:
    """The variables of a cell: base URLs, and keys, which are real in a recording alone.

    Read before the environment of the cell is sealed.
    """
    found = addresses(services, lambda name: services[name].base_url)
    for name in (name for part in services.values() for name in part.keys):
        found[name] = (os.environ.get(name, "") if is_recording else "") or PLACEHOLDER
    return found


def addresses(
    services: Mapping[str, ServicePart], address_of: Callable[[str], str]
) -> dict[str, str]:
    """The variables that hold the address of each service."""
    found = {}
    for name, part in services.items():
        found[variable_of(name)] = address_of(name)
        if part.env is not None:
            found[part.env] = address_of(name)
    return found
