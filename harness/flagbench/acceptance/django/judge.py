"""Judge of a project, from its first import to the requests of clients for each entity."""

from collections.abc import Callable, Iterable

from flagbench.acceptance.django.case import ProjectCase
from flagbench.acceptance.django.contract import check_contract, check_sessions
from flagbench.acceptance.django.models import check_models
from flagbench.acceptance.django.probe_client import Project
from flagbench.acceptance.django.project_checks import check_bandit, check_structure
from flagbench.acceptance.django.relations import check_relations
from flagbench.acceptance.django.rest_api import Api
from flagbench.acceptance.django.rows import Rows
from flagbench.acceptance.django.tables import check_columns
from flagbench.acceptance.django.unauthorised_access import check_unauthorised_access
from flagbench.acceptance.probe_client import ProbeClient
from flagbench.acceptance.proof import Figures, Refuted
from flagbench.acceptance.selection import Selection
from flagbench.scenario.erd import Entity

CHECKS = (
    "bandit", "check", "migrations", "migrate", "columns", "models-keep", "auth", "create", "list",
    "retrieve", "update", "delete", "validation", "relations",
)  # fmt: skip


# The checks of a running API; the others look at files, models and the database.
_API = ("auth", "create", "list", "retrieve", "update", "delete", "validation", "relations")


def judge(case: ProjectCase, probe: ProbeClient, figures: Figures, selection: Selection) -> None:
    """Check the files, set the project up, and check its API. Raises `Refuted`.

    Figure `contract`: entities that keep their contract, of all. A broken contract does not end
    the checks of other entities; the first one is raised.
    """
    erd = case.erd
    figures["contract"] = (0, len(erd.entities))
    if selection.has("bandit"):
        check_bandit(probe)
    project = Project(probe)
    check_structure(project, erd, selection)
    if selection.has("columns"):
        check_columns(project, erd)
    if selection.has("models-keep"):
        check_models(project, erd)
    if not selection.has(*_API):
        return
    api = Api(project, erd)
    api.enter()
    if selection.has("auth"):
        check_sessions(api)
    rows = Rows(erd, api)
    broken: dict[str, Refuted] = {}
    # Relations need rows of other entities, whose contracts are checked first.
    _collect(erd.in_order(), lambda entity: check_contract(entity, api, rows, selection), broken)
    if selection.has("relations"):
        _collect(erd.in_order(), lambda entity: check_relations(entity, erd, api, rows), broken)
    figures["contract"] = (len(erd.entities) - len(broken), len(erd.entities))
    if broken:
        raise next(iter(broken.values()))
    if selection.has("auth"):
        check_unauthorised_access(erd, api)


def _collect(
    entities: Iterable[Entity], check: Callable[[Entity], None], broken: dict[str, Refuted]
) -> None:
    for entity in entities:
        if entity.name not in broken:
            try:
                check(entity)
            except Refuted as finding:
                broken[entity.name] = finding
