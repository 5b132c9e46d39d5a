"""Checks that addresses outside the ERD refuse requests without permissions."""

from flagbench.acceptance.django.probe_client import SAMPLE_ID
from flagbench.acceptance.django.rest_api import GUEST, NOBODY, ROUTER, VIEWS, Api
from flagbench.scenario.erd import Erd

_ROOT = "/api/"
# The router serves each address a second time with the suffix of a format.
_SUFFIX = ".json"
# Addresses for requests without an account.
_ENTRANCES = ("/api/auth/token/", "/api/auth/session/")
# Any other status means that the request was processed.
_REFUSED = (401, 403, 404, 405)


def check_unauthorised_access(erd: Erd, api: Api) -> None:
    """Request every other address without an account and without permissions. Raises `Refuted`.

    Rows with the id `SAMPLE_ID` must exist, or a view may answer 404 for lack of a row.
    """
    known = {
        address
        for entity in erd.entities
        for path in (entity.address, f"{entity.address}{SAMPLE_ID}/")
        for address in (path, path.removesuffix("/") + _SUFFIX)
    }
    for address in api.project.addresses():
        if address in known or address.startswith(_ENTRANCES):
            continue
        of_entity = any(address.startswith(entity.address) for entity in erd.entities)
        # Any account may read the list of addresses.
        is_root = address in (_ROOT, _ROOT + _SUFFIX)
        for who in (NOBODY,) if is_root else (NOBODY, GUEST):
            for method in ("GET", "POST"):
                api.expect(
                    "auth", VIEWS if of_entity else ROUTER, method, address, _REFUSED, who=who,
                    logs_in=True, because=", which is not in the ERD,",
                )  # fmt: skip
