"""The API: all schemas migrated, all routers included."""

import importlib
import logging
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from fastapi import FastAPI

from app import routes, schemas
from app.connection import get_connection

logger = logging.getLogger(__name__)


def import_modules(package: ModuleType) -> Iterator[ModuleType]:
    """Import the modules of a package, in alphabetical order."""
    for name in sorted(
        module.name for module in pkgutil.iter_modules(package.__path__)
    ):
        yield importlib.import_module(f"{package.__name__}.{name}")


def migrate_database() -> None:
    """Bring the tables of every schema up to date."""
    with contextmanager(get_connection)() as connection:
        for schema in import_modules(schemas):
            schema.migrate(connection)
            logger.info("migrated %s", schema.__name__)


def create_app() -> FastAPI:
    """Build the API on the database at DATABASE_PATH."""
    migrate_database()
    application = FastAPI()
    for module in import_modules(routes):
        application.include_router(module.router)
    return application


app = create_app()
