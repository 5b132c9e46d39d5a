"""The kinds of artifacts that can be proven, each with its judge and the files it needs."""

from collections.abc import Mapping
from dataclasses import dataclass

from flagbench.acceptance.crud import fastapi_routes, pytest_suite, sqlite_schema, streamlit_page
from flagbench.acceptance.django import case, judge
from flagbench.acceptance.enterprise import judge as enterprise
from flagbench.acceptance.optimizer import judge as optimizer
from flagbench.acceptance.optimizer.case import KIND as WORK
from flagbench.acceptance.proof import AnyJudge, Judge, Provable
from flagbench.scenario.specification import Entity

# Checks of the text of a file, which run before those of its kind.
TEXT_CHECKS = ("parses", "flake8", "black", "duplicates", "vocabulary")
SCHEMA_PATH = "app/schemas/{module}.py"
ROUTES_PATH = "app/routes/{module}.py"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that every entity has.

    `path` is a pattern for the file of an entity. `needs` are further files of the same entity and
    `related_needs` files of its related entities, without which the file cannot run.
    """

    judge: Judge
    checks: tuple[str, ...]
    path: str
    needs: tuple[str, ...]
    related_needs: tuple[str, ...] = (SCHEMA_PATH,)

    def path_of(self, entity: Entity) -> str:
        """Path of the file of an entity."""
        return self.path.format(module=entity.module)


KINDS: Mapping[str, Kind] = {
    "sqlite-schema": Kind(sqlite_schema.judge, sqlite_schema.CHECKS, SCHEMA_PATH, ()),
    "fastapi-routes": Kind(
        fastapi_routes.judge, fastapi_routes.CHECKS, ROUTES_PATH, (SCHEMA_PATH,)
    ),
    "streamlit-page": Kind(
        streamlit_page.judge,
        streamlit_page.CHECKS,
        "app/pages/{module}.py",
        (SCHEMA_PATH, ROUTES_PATH),
    ),
    "pytest-tests": Kind(
        pytest_suite.judge,
        pytest_suite.CHECKS,
        "tests/test_{module}.py",
        (SCHEMA_PATH, ROUTES_PATH),
        (SCHEMA_PATH, ROUTES_PATH),
    ),
}
# Judges by kind of file; a project is a kind too, and so is a component of a system.
JUDGES: Mapping[str, AnyJudge] = {
    **{name: kind.judge for name, kind in KINDS.items()},
    case.KIND: judge.judge,
    **enterprise.JUDGES,
    WORK: optimizer.judge,
}
# The checks of a kind after those of the text, in their order.
CHECKS_OF: Mapping[str, tuple[str, ...]] = {
    **{name: kind.checks for name, kind in KINDS.items()},
    case.KIND: judge.CHECKS,
    **enterprise.CHECKS,
    WORK: optimizer.CHECKS,
}
# The extra whose libraries a kind is judged with.
EXTRA_OF: Mapping[str, str] = {
    **dict.fromkeys(KINDS, "crud"),
    case.KIND: "django",
    **dict.fromkeys(enterprise.CHECKS, "enterprise"),
}
# Kinds whose judges read files, and need no library for it.
READ_ALONE = (WORK,)


def checks_of(case: Provable) -> tuple[str, ...]:
    """The checks of a built-in kind of case; those of the text only for Python."""
    return (*(TEXT_CHECKS if case.texts else ()), *CHECKS_OF[case.kind])
