"""Roles: what a user may do, from policies.yaml."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_POLICIES = Path(__file__).parents[1] / "policies" / "policies.yaml"


@cache
def policies() -> dict[str, Any]:
    """The policies of the service."""
    return yaml.safe_load(_POLICIES.read_text(encoding="utf-8"))


def allowed(user: dict[str, str], method: str, path: str = "") -> bool:
    """Tell whether a user may send a request with this method."""
    role = user["role"]
    for area, roles in policies()["restricted"].items():
        if path.startswith(area) and role not in roles:
            return False
    return method in policies()["roles"].get(role, ())
