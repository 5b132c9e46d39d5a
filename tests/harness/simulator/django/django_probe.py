"""Run by itself: starts Django projects one after the other, each in a process of its own.

Prints one line of JSON a project: {stage: what failed}.
"""

import io
import json
import os
import re
import sys
import traceback
from collections.abc import Callable


def main(folders: list[str]) -> None:
    """Fork for each project, so that Django is imported once."""
    import rest_framework  # noqa: F401
    from django.core import management  # noqa: F401

    for folder in folders:
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            with os.fdopen(writing, "w") as pipe:
                json.dump(_probed(folder), pipe)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            sys.stdout.write(pipe.read() + "\n")
        os.waitpid(child, 0)


def _probed(folder: str) -> dict[str, str]:
    os.chdir(folder)
    sys.path.insert(0, folder)
    os.environ.update(
        DJANGO_SETTINGS_MODULE="config.settings", DATABASE_PATH=":memory:", DJANGO_DEBUG="1"
    )
    os.environ["DJANGO_ALLOWED_HOSTS"] = "testserver"
    failed: dict[str, str] = {}
    for name, stage in STAGES.items():
        try:
            stage()
        except (Exception, SystemExit) as error:
            failed[name] = f"{type(error).__name__}: {error} {traceback.format_exc()[-300:]}"
            if name in {"setup", "migrations"}:
                break
    return failed


def _command(*words: str, **options: object) -> None:
    from django.core.management import call_command

    call_command(*words, stdout=io.StringIO(), stderr=io.StringIO(), **options)


def _setup() -> None:
    import django

    django.setup()
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    import api.urls  # noqa: F401


def _migrations() -> None:
    _command("makemigrations", "api", no_header=True)
    _command("migrate", run_syncdb=True)


def _serializers() -> None:
    import api.serializers
    from rest_framework.serializers import ModelSerializer

    for name, one in vars(api.serializers).items():
        if isinstance(one, type) and issubclass(one, ModelSerializer) and name != "ModelSerializer":
            _ = one().fields


def _routes() -> list[str]:
    from api.urls import router

    return [f"/api/{prefix}/" for prefix, _, _ in router.registry]


def _client(username: str = "", superuser: bool = False) -> object:
    from django.contrib.auth import get_user_model
    from rest_framework.test import APIClient

    client = APIClient()
    if username:
        users = get_user_model()
        make = users.objects.create_superuser if superuser else users.objects.create_user
        user = make(username=username, password="x")  # noqa: S106
        client.force_authenticate(user)
    return client


def _expect(client: object, status: int) -> None:
    for route in _routes():
        for ask in (client.get, client.head):  # type: ignore[attr-defined]
            answer = ask(route)
            assert answer.status_code == status, f"{ask.__name__} {route}: {answer.status_code}"


def _token() -> None:
    client = _client("with-token")
    client.force_authenticate(None)  # type: ignore[attr-defined]
    data = {"username": "with-token", "password": "x"}
    answer = client.post("/api/auth/token/", data)  # type: ignore[attr-defined]
    assert answer.status_code == 200, answer.status_code
    assert re.fullmatch(r"\w{40}", answer.json()["token"])


STAGES: dict[str, Callable[[], None]] = {
    "setup": _setup,
    "check": lambda: _command("check", fail_level="WARNING"),
    "migrations": _migrations,
    "again": lambda: _command("makemigrations", "api", check_changes=True),
    "serializers": _serializers,
    "token": _token,
    "strangers": lambda: _expect(_client(), 401),
    "users": lambda: _expect(_client("user"), 403),
    "reading": lambda: _expect(_client("root", superuser=True), 200),
}

if __name__ == "__main__":
    main(sys.argv[1:])
