"""Settings of the service, read from the environment."""

import os
from typing import NamedTuple


class User(NamedTuple):
    """An account of the API."""

    username: str
    password: str
    role: str


class Settings:
    """Values that a deployment sets; each is read when it is used."""

    @property
    def database_path(self) -> str:
        """Path of the SQLite file."""
        return os.environ.get("DATABASE_PATH", "shop.sqlite3")

    @property
    def secret_key(self) -> str:
        """Key that signs tokens and encrypts fields."""
        return os.environ["SECRET_KEY"]

    @property
    def port(self) -> int:
        """Port that the service listens on."""
        return int(os.environ.get("PORT", "8000"))

    @property
    def users(self) -> dict[str, User]:
        """Accounts by name, from `name:password:role,...`."""
        accounts = [
            User(*entry.split(":", 2))
            for entry in os.environ.get("API_USERS", "").split(",")
            if entry.count(":") == 2
        ]
        return {account.username: account for account in accounts}


settings = Settings()
