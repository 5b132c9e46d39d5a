"""Judge of the policies: what each role may do, and which paths are restricted."""

from flagbench.acceptance.enterprise.api import ADMIN, AUDITOR, CLERK, ROOT
from flagbench.acceptance.enterprise.case import ComponentCase
from flagbench.acceptance.enterprise.probe_client import Tools
from flagbench.acceptance.enterprise.tools import document_of, mapping
from flagbench.acceptance.proof import Refuted
from flagbench.acceptance.selection import Selection
from flagbench.scenario.brief import Brief

ROLES = {
    ADMIN: {"GET", "POST", "PUT", "DELETE"},
    CLERK: {"GET", "POST", "PUT"},
    AUDITOR: {"GET"},
}


def judge_policies(case: ComponentCase, tools: Tools, selection: Selection) -> None:
    """Check that the roles and restrictions are those of the contract."""
    document = document_of(case, tools)
    roles, restricted = mapping(document.get("roles")), mapping(document.get("restricted"))
    lists = [*roles.values(), *restricted.values()]
    is_form = roles and all(
        isinstance(each, list) and all(isinstance(name, str) for name in each) for each in lists
    )
    if selection.has("schema") and not is_form:
        raise Refuted("schema", "expected: roles (name -> methods), restricted (path -> roles)")
    if not selection.has("agreement") or not is_form:
        return
    for wanted, given, what in (
        (ROLES, roles, "roles"),
        (restrictions(case.brief), restricted, "restricted"),
    ):
        got = {name: set(each) for name, each in given.items()}
        for name in sorted(wanted.keys() | got.keys()):
            if wanted.get(name) != got.get(name):
                is_given = sorted(got[name]) if name in got else "nothing"
                is_wanted = sorted(wanted[name]) if name in wanted else "nothing"
                message = f"{what}.{name} is {is_given}; expected: {is_wanted}"
                raise Refuted("agreement", message)


def restrictions(brief: Brief) -> dict[str, set[str]]:
    """The paths that a compliance set restricts, with the roles that may use them."""
    paths = {}
    if not brief.controls.isdisjoint(("export", "erasure")):
        paths[f"{ROOT}/privacy"] = {ADMIN}
    if brief.has_audit:
        paths[f"{ROOT}/audit"] = {ADMIN, AUDITOR}
    return paths
