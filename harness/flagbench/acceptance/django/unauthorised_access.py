"""What a project answers beside what the ERD asks for: nothing to those who may do nothing."""

from flagbench.acceptance.django.probe_client import SAMPLE_ID
from flagbench.acceptance.django.rest_api import GUEST, NOBODY, ROUTER, VIEWS, Api
from flagbench.scenario.erd import Erd

_ROOT = "/api/"
# How the router writes an address with the form of the answer behind it.
_SUFFIX = ".json"
# Whoever has no account yet comes in here.
_ENTRANCES = ("/api/auth/token/", "/api/auth/session/")
# Anything else means that somebody looked at what a stranger asked for.
_REFUSED = (401, 403, 404, 405)


def check_unauthorised_access(erd: Erd, api: Api) -> None:
    """Ask every other address, without an account and without permissions. Raises `Refuted`.

    Rows of the number that stands in the addresses should be there, or a view may find nothing.
    """
    known = {
        address
        for entity in erd.entities
        for one in (entity.address, f"{entity.address}{SAMPLE_ID}/")
        for address in (one, one.removesuffix("/") + _SUFFIX)
    }
    for address in api.project.addresses():
        if address in known or address.startswith(_ENTRANCES):
            continue
        of_entity = any(address.startswith(one.address) for one in erd.entities)
        # Whoever has an account may be told which addresses there are.
        is_root = address in (_ROOT, _ROOT + _SUFFIX)
        for who in (NOBODY,) if is_root else (NOBODY, GUEST):
            for method in ("GET", "POST"):
                api.expect(
                    "auth", VIEWS if of_entity else ROUTER, method, address, _REFUSED, who=who,
                    logs_in=True, because=", which the ERD does not ask for,",
                )  # fmt: skip
