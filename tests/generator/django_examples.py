"""ERDs with every option, and the texts and projects that are made of them."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from patience import PATIENCE_SECONDS

from flagbench_generators.django_rest.agents import DJANGO
from flagbench_generators.django_rest.erd import Erd
from flagbench_generators.kernel.formatting import format_code
from flagbench_generators.kernel.pipeline import scaffold_of, texts_of

GENERATOR = Path(__file__).resolve().parents[2] / "generator/flagbench_generators/django_rest"
KINDS = {agent.kind: agent.path for agent in DJANGO.agents}
LONG_TEXT = "Ask at the desk on the ground floor, where “Ø” is; bring a letter.\n" * 3

SHOP = Erd.model_validate(
    {
        "name": "shop",
        "entities": [
            {
                "name": "Customer",
                "fields": [
                    {"name": "email", "type": "email", "unique": True, "max_length": 120},
                    {"name": "full_name", "type": "string"},
                    {"name": "phone", "type": "string", "max_length": 30, "null": True},
                    {"name": "website", "type": "url", "null": True},
                    {"name": "born_on", "type": "date", "null": True},
                    {
                        "name": "status",
                        "type": "string",
                        "max_length": 20,
                        "choices": ["new", "regular", "gone_away"],
                        "default": "new",
                    },
                    {"name": "note", "type": "text", "null": True, "default": LONG_TEXT},
                    {"name": "newsletter", "type": "boolean", "default": False},
                ],
                "relations": [
                    {
                        "name": "referred_by",
                        "kind": "foreign_key",
                        "to": "Customer",
                        "null": True,
                        "on_delete": "set_null",
                    },
                    {"name": "favourites", "kind": "many_to_many", "to": "Product"},
                    {"name": "friends", "kind": "many_to_many", "to": "Customer"},
                ],
            },
            {
                "name": "Product",
                "fields": [
                    {"name": "code", "type": "uuid", "unique": True},
                    {"name": "title", "type": "string", "max_length": 80},
                    {
                        "name": "price",
                        "type": "decimal",
                        "max_digits": 8,
                        "decimal_places": 2,
                        "default": "9.90",
                    },
                    {"name": "weight", "type": "float", "null": True},
                    {"name": "stars", "type": "integer", "choices": [1, 2, 3], "null": True},
                    {"name": "on_sale_since", "type": "date", "default": "2024-01-31"},
                    {"name": "pickup_from", "type": "time", "default": "09:30:00"},
                ],
            },
            {
                "name": "Order",
                "fields": [
                    {"name": "placed_at", "type": "datetime"},
                    {
                        "name": "due_at",
                        "type": "datetime",
                        "default": "2031-01-31T09:30:00+02:00",
                    },
                    {
                        "name": "batch",
                        "type": "uuid",
                        "default": "123e4567-e89b-12d3-a456-426614174000",
                    },
                ],
                "relations": [
                    {
                        "name": "customer",
                        "kind": "foreign_key",
                        "to": "Customer",
                        "on_delete": "protect",
                    },
                    {"name": "payer", "kind": "foreign_key", "to": "Customer", "null": True},
                    {
                        "name": "products",
                        "kind": "many_to_many",
                        "to": "Product",
                        "through": "OrderLine",
                    },
                ],
            },
            {
                "name": "OrderLine",
                "fields": [{"name": "quantity", "type": "integer", "default": 1}],
                "relations": [
                    {"name": "order", "kind": "foreign_key", "to": "Order"},
                    {
                        "name": "product",
                        "kind": "foreign_key",
                        "to": "Product",
                        "on_delete": "protect",
                    },
                ],
            },
            {
                "name": "Invoice",
                "fields": [
                    {"name": "number", "type": "string", "max_length": 20, "unique": True},
                    {"name": "rate", "type": "float", "default": 0.5},
                ],
                "relations": [{"name": "order", "kind": "one_to_one", "to": "Order"}],
            },
        ],
    }
)
# Names of fields that hide what the lines after them need, and the longest names there may be.
AWKWARD = Erd.model_validate(
    {
        "name": "a" * 60,
        "entities": [
            {
                "name": "ModelPermissions",
                "fields": [
                    {"name": "datetime", "type": "datetime", "default": "2031-01-31T09:30:00Z"},
                    {
                        "name": "decimal",
                        "type": "decimal",
                        "max_digits": 3,
                        "decimal_places": 1,
                        "default": -1,
                    },
                    {
                        "name": "uuid",
                        "type": "uuid",
                        "default": "123e4567-e89b-12d3-a456-426614174000",
                    },
                    {"name": "date", "type": "date", "default": "2031-01-31"},
                    {
                        "name": "amount",
                        "type": "decimal",
                        "max_digits": 3,
                        "decimal_places": 1,
                        "default": 1,
                    },
                    {
                        "name": "token",
                        "type": "uuid",
                        "default": "123e4567-e89b-12d3-a456-426614174000",
                    },
                ],
                "relations": [
                    {"name": "models", "kind": "many_to_many", "to": "Class"},
                    {"name": "serializers", "kind": "foreign_key", "to": "Class"},
                ],
            },
            {"name": "Class", "fields": [{"name": "self", "type": "boolean"}]},
            {
                "name": "Ab" * 20 + "A",
                "fields": [
                    {
                        "name": "f" * 60,
                        "type": "string",
                        "choices": ["'\"\\{}%" * 12, "\u200b" * 70, "été " * 30 + "x"],
                        "default": "\u200b" * 70,
                    }
                ],
                "relations": [
                    {
                        "name": "r" * 60,
                        "kind": "foreign_key",
                        "to": "Ab" * 20 + "A",
                        "null": True,
                        "on_delete": "set_null",
                    },
                    {"name": "m" * 60, "kind": "many_to_many", "to": "Ab" * 20 + "A"},
                ],
            },
        ],
    }
)
# Each project in a fork of one process that has Django and its REST framework already, with the
# scaffold's settings but a database in memory and passwords that are hashed fast.
_BOOT = """
import contextlib, importlib, io, json, os, sys, traceback
os.environ["DATABASE_PATH"] = ":memory:"
sys.path.insert(0, os.path.abspath(sys.argv[1]))
from config import settings as scaffold
sys.path.pop(0)
import django
from django.conf import settings
settings.configure(
    **{name: value for name, value in vars(scaffold).items() if name.isupper()}
    | {
        "ALLOWED_HOSTS": ["testserver"],
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    },
)
import rest_framework.viewsets
from django.core.management import call_command


def boot(name):
    os.chdir(name)
    sys.path.insert(0, os.getcwd())
    django.setup()
    with contextlib.redirect_stdout(io.StringIO()):
        call_command("makemigrations", "api", "--no-header")
        importlib.invalidate_caches()
        call_command("check", "--fail-level", "WARNING")
        call_command("makemigrations", "--check", "--dry-run")
        call_command("migrate")
    return use(json.load(open("calls.json")))


def use(calls):
    from django.contrib.auth.models import Permission, User
    from rest_framework.test import APIClient
    root = User.objects.create_superuser("root", "root@example.org", "secret")
    reader = User.objects.create_user("reader", "reader@example.org", "secret")
    User.objects.create_user("guest", "guest@example.org", "secret")
    reader.user_permissions.add(*Permission.objects.filter(codename__startswith="view_"))
    client, answers = APIClient(raise_request_exception=True), {}
    for label, user, method, path, body in calls:
        client.credentials()
        if user:
            token = client.post("/api/auth/token/", {"username": user, "password": "secret"})
            client.credentials(HTTP_AUTHORIZATION="Token " + token.json()["token"])
        answer = getattr(client, method)("/api" + path, body, format="json")
        read = answer.json() if answer.content and "json" in answer["Content-Type"] else None
        answers[label] = [answer.status_code, read]
    return answers


for name in sys.argv[1:]:
    if os.fork() == 0:
        try:
            outcome = boot(name)
        except BaseException:
            outcome = traceback.format_exc()
        sys.stdout.write(json.dumps([name, outcome]) + "\\n")
        sys.stdout.flush()
        os._exit(0)
    os.wait()
"""


def render(kind: str, erd: object) -> str:
    """What the template of a kind makes of an ERD, as the generator formats it."""
    template = texts_of(DJANGO).templates.get_template(f"{kind}.py.j2")
    return format_code(template.render({DJANGO.template_variable: erd}))


def write_project(directory: Path, texts: Mapping[str, str], calls: Sequence[Any]) -> None:
    """The files of an application by their kinds, and what `boot` asks of it.

    A call is a label, who asks (None for nobody, else `root`, `reader` or `guest`), how, where,
    and with what.
    """
    written = {KINDS[kind]: text for kind, text in texts.items()}
    for path, text in (scaffold_of(DJANGO) | written).items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_text(text, encoding="utf-8")
    (directory / "calls.json").write_text(json.dumps(calls), encoding="utf-8")


def boot(root: Path) -> dict[str, Any]:
    """What becomes of each project in a folder: its traceback, or status and JSON by label."""
    names = sorted(path.name for path in root.iterdir())
    result = subprocess.run(
        [sys.executable, "-c", _BOOT, *names],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=True,
    )
    return dict(json.loads(line) for line in result.stdout.splitlines())
