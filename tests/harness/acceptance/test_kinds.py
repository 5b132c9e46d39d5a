"""The registry of kinds."""

from flagbench.acceptance.crud import fastapi_routes, pytest_suite, sqlite_schema, streamlit_page
from flagbench.acceptance.kinds import KINDS, TEXT_CHECKS
from flagbench.acceptance.prover import SANDBOX_CHECK, TIME_CHECK
from flagbench.scenario.specification import Entity

LINE = Entity.model_validate({"entity": "OrderLine", "attributes": {"quantity": "integer"}})
CRUD = ("sqlite-schema", "fastapi-routes", "streamlit-page", "pytest-tests")


def test_a_crud_entity_has_a_file_of_each_kind() -> None:
    """Under the module's name."""
    assert [KINDS[name].path_of(LINE) for name in CRUD] == [
        "app/schemas/order_line.py",
        "app/routes/order_line.py",
        "app/pages/order_line.py",
        "tests/test_order_line.py",
    ]


def test_each_kind_has_the_checks_of_its_judge() -> None:
    """In the order in which they are made."""
    rooms = (sqlite_schema, fastapi_routes, streamlit_page, pytest_suite)
    for name, room in zip(CRUD, rooms, strict=True):
        assert KINDS[name].judge is room.judge
        assert KINDS[name].checks == room.CHECKS


def test_the_name_of_a_check_says_which_one_it_is() -> None:
    """None twice in a kind, none like those of the text or of the sandbox."""
    for kind in KINDS.values():
        names = [*TEXT_CHECKS, *kind.checks, SANDBOX_CHECK, TIME_CHECK]
        assert len(set(names)) == len(names)
