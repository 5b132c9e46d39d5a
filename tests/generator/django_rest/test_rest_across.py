"""Names of other files: what is not there is told, and nothing that may be."""

from pathlib import Path

import pytest

from flagbench_generators.django_rest.erd import read
from flagbench_generators.django_rest.quality.across import unknown_names
from flagbench_generators.django_rest.request_spec import Project

SCENARIOS = Path(__file__).parents[3] / "scenarios"
SHOP = Project(read((SCENARIOS / "erds" / "shop.json").read_text(encoding="utf-8")))
IMPORTS = "from api import models, serializers\nfrom api.auth import ModelPermissions\n"


def told(text: str, models: str = "") -> list[str]:
    """What is told of a file of the shop."""
    return list(unknown_names(text, SHOP, models))


def serializer(body: str, meta: str = "") -> str:
    """A serializer of orders with these lines."""
    return f"class OrderSerializer(Base):\n    {body}\n    class Meta:\n        {meta or 'pass'}\n"


def view_set(line: str) -> str:
    """A view set of orders with this line, the second."""
    return f"class OrderViewSet(ModelViewSet):\n    {line}\n"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("from api.models import Ordr", "line 1: api.models has no Ordr; Order?"),
        ("from .models import Order, Nothing", "line 1: api.models has no Nothing"),
        ("from .auth import ModelPermision", "api.auth has no ModelPermision; ModelPermissions?"),
        (f"{IMPORTS}x = models.Odrer", "line 3: api.models has no Odrer; Order?"),
        (
            "from . import models as m\nx = m.Odrer.objects",
            "line 2: api.models has no Odrer; Order?",
        ),
        (f"{IMPORTS}x = serializers.OrdersSerializer", "line 3: api.serializers has no OrdersSer"),
        ("from api import views\nviews.PayViewSet", "line 2: api.views has no PayViewSet"),
        (serializer("pass", 'fields = ["id", "numbr"]'), "line 4: Order has no numbr; number?"),
        (serializer("pass", 'read_only_fields = ("numbr",)'), "Order has no numbr"),
        (serializer("pass", 'extra_kwargs = {"notee": {}}'), "Order has no notee; note?"),
        (view_set('search_fields = ["^number", "=sta__x"]'), "line 2: Order has no sta; status?"),
        (view_set('ordering = ["-placed"]'), "Order has no placed; placed_at?"),
        (view_set('queryset = Order.objects.select_related("costumer")'), "Order has no costumer"),
        (view_set('queryset = Order.objects.all().order_by("idd")'), "Order has no idd; id?"),
    ],
)
def test_a_name_that_is_not_there_is_told(text: str, what: str) -> None:
    """With its line, and the name that may be meant."""
    (only,) = told(text)
    assert what in only


@pytest.mark.parametrize(
    "text",
    [
        "from api.models import *",
        "from django.db import models\nx = models.CharField",
        "from os import path\nx = path.joinn",
        f"{IMPORTS}x = models.__name__",
        serializer("pass", 'fields = ["id", "url", "number", "customer_id", "order_lines"]'),
        serializer("pass", 'fields = ["get_status_display", *COMMON]'),
        serializer("total = DecimalField()", 'fields = ["total"]'),
        serializer("pass", 'fields = "__all__"'),
        view_set('queryset = Order.objects.annotate(n=Count("lines")).order_by("-n", "?")'),
        view_set('queryset = Order.objects.prefetch_related("products__payments", Prefetch("x"))'),
        view_set('filterset_fields = {"number": ["exact"], "customer__email": ["icontains"]}'),
        'class Others:\n    class Meta:\n        fields = ["whatever"]\n',
        view_set('queryset = Order.objects.annotate(n=1)\n    ordering_fields = ["number", "n"]'),
        view_set('queryset = Order.objects.annotate(**more).order_by("n")'),
        view_set('queryset = Order.objects.recent().order_by("recent_total")'),
        view_set('queryset = Order.objects.prefetch_related(Prefetch("a", P.order_by("b")))'),
        view_set('queryset = Order.objects.filter(id__in=P.objects.order_by("received_on"))'),
        view_set('filterset_class = F\n    filterset_fields = ["created_after"]'),
        view_set('def get_queryset(self):\n        return Order.objects.annotate(n=1)\n'
                 '    ordering_fields = ["n"]'),
        serializer("payments = X(Prefetch('p', to_attr='open'))", 'fields = ["open"]'),
        "from other import Base\n" + serializer("pass", 'fields = ["etag"]'),
        serializer("def __init__(self):\n        self.fields['x'] = 1", 'fields = ["x"]'),
        "from api import models, auth\ndef f(models, auth): return models.anything, auth.user",
        "from api import auth\nfrom django.contrib import auth\nauth.get_user_model()",
        "from api import models\nmodels.__file__, models.__dict__",
        "from api.auth import obtain_auth_token",
        "x = 1" + " + 1" * 5000,
        "def broken(",
    ],
)  # fmt: skip
def test_what_may_be_there_is_not(text: str) -> None:
    """Names that the file has itself, that Django adds, and what only shows when it runs."""
    assert told(text) == []


def test_what_is_shown_of_the_models_is_there() -> None:
    """A property of a model, of a base class, and a constant of the module."""
    models = "LIMIT = 3\nclass Base(models.Model):\n    @property\n    def total(self): ...\n"
    text = "from api.models import LIMIT\n" + serializer("pass", 'fields = ["total"]')
    assert told(text, models) == []
    assert len(told(text)) == 2


@pytest.mark.parametrize(
    "shown",
    ["A = X = 3", "if True:\n    X = 1", "try:\n    X = 1\nfinally:\n    pass", "(P, X) = 1, 2",
     "async def X(): ...", "X: int", "from elsewhere import *", "from elsewhere import Y as X"],
)  # fmt: skip
def test_whatever_binds_a_name_there_is_seen(shown: str) -> None:
    """In the models that are shown."""
    assert told("from api.models import X", shown) == []
    in_class = "class Base(models.Model):\n    x = y = CharField()\n    z: int\n"
    assert told(serializer("pass", 'fields = ["x", "y", "z"]'), in_class) == []


def test_files_are_called_in_the_reference_as_they_are_here() -> None:
    """The names that other files are taken to have are those that they have."""
    for module, named in (("serializers", "{}Serializer"), ("views", "{}ViewSet")):
        text = (SCENARIOS / "solutions" / "django-shop" / "api" / f"{module}.py").read_text()
        for entity in SHOP.entities:
            name = named.format(entity.name)
            assert f"class {name}(" in text
            assert told(f"from api.{module} import {name}") == []


SOLUTIONS = sorted(SCENARIOS.glob("solutions/django-*/api/*.py"))


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: f"{path.parts[-3]}-{path.name}")
@pytest.mark.parametrize("shown", [True, False], ids=["shown", "unseen"])
def test_nothing_is_told_of_reference_projects(path: Path, shown: bool) -> None:
    """They are accepted by the harness."""
    name = path.parts[-3].removeprefix("django-")
    erd = read((SCENARIOS / "erds" / f"{name}.json").read_text(encoding="utf-8"))
    models = path.with_name("models.py").read_text(encoding="utf-8") if shown else ""
    found = unknown_names(path.read_text(encoding="utf-8"), Project(erd), models)
    assert list(found) == []
