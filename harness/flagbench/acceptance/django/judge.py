"""Proves a project: from its first import to what clients may do with each entity."""

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
from flagbench.scenario.erd import Entity

CHECKS = (
    "bandit", "check", "migrations", "migrate", "columns", "models-keep", "auth", "create", "list",
    "retrieve", "update", "delete", "validation", "relations",
)  # fmt: skip


def judge(case: ProjectCase, asker: ProbeClient, figures: Figures) -> None:
    """Look at the files, build the project, use it.

    Figure `contract`: entities that keep theirs of all. One that does not ends nothing for the
    others; the first finding is the proof's.
    """
    erd = case.erd
    figures["contract"] = (0, len(erd.entities))
    check_bandit(asker)
    project = Project(asker)
    check_structure(project, erd)
    check_columns(project, erd)
    check_models(project, erd)
    api = Api(project, erd)
    api.enter()
    check_sessions(api)
    rows = Rows(erd, api)
    broken: dict[str, Refuted] = {}
    # Relations need rows of other entities: first each has to keep its own contract.
    _collect(erd.in_order(), lambda one: check_contract(one, api, rows), broken)
    _collect(erd.in_order(), lambda one: check_relations(one, erd, api, rows), broken)
    figures["contract"] = (len(erd.entities) - len(broken), len(erd.entities))
    if broken:
        raise next(iter(broken.values()))
    check_unauthorised_access(erd, api)


def _collect(
    entities: Iterable[Entity], check: Callable[[Entity], None], broken: dict[str, Refuted]
) -> None:
    for one in entities:
        if one.name not in broken:
            try:
                check(one)
            except Refuted as finding:
                broken[one.name] = finding
