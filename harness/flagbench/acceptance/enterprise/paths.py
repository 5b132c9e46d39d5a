"""The paths of the API that a brief demands."""

from flagbench.acceptance.enterprise.api import ROOT
from flagbench.scenario.brief import Brief


def contract_paths(brief: Brief) -> dict[str, set[str]]:
    """Method -> paths that a brief demands, with {} for each parameter."""
    rows = [f"{ROOT}/{entity.table}/{{}}" for entity in brief.entities]
    all_rows = [f"{ROOT}/{entity.table}" for entity in brief.entities]
    paths = {
        "GET": {"/health", "/metrics", *all_rows, *rows},
        "POST": {"/auth/token", *all_rows},
        "PUT": {*rows},
        "DELETE": {*rows},
    }
    if "export" in brief.controls:
        paths["GET"].add(f"{ROOT}/privacy/{{}}/export")
    if "erasure" in brief.controls:
        paths["DELETE"].add(f"{ROOT}/privacy/{{}}")
    if brief.has_audit:
        paths["GET"].add(f"{ROOT}/audit")
    if "four_eyes" in brief.controls:
        paths["POST"].add(f"{ROOT}/payments/{{}}/approve")
    return paths
