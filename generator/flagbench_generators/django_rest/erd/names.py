"""Names of entities and fields: which are right, and what is proposed for others."""

import keyword
import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StrictStr, WithJsonSchema

from flagbench_generators.django_rest.erd.problem import Problem, quoted, refused
from flagbench_generators.kernel.naming import snake_case

LONGEST_NAME = 60  # Django keeps 100 characters for "delete_" and the name of a model
_ENTITY = "[A-Z][A-Za-z0-9]*"
_FIELD = "[a-z][a-z0-9]*(_[a-z0-9]+)*"
_ERD = "[a-z][a-z0-9]*([-_][a-z0-9]+)*"

# What every Django model has: dir(django.db.models.Model) in 5.2 without what starts with "_" or a
# capital letter; and id, pk and objects.
RESERVED = frozenset(
    {
        "adelete",
        "arefresh_from_db",
        "asave",
        "check",
        "clean",
        "clean_fields",
        "date_error_message",
        "delete",
        "from_db",
        "full_clean",
        "get_constraints",
        "get_deferred_fields",
        "id",
        "objects",
        "pk",
        "prepare_database_save",
        "refresh_from_db",
        "save",
        "save_base",
        "serializable_value",
        "unique_error_message",
        "validate_constraints",
        "validate_unique",
    }
)


def is_field_name(name: str) -> bool:
    """Whether a field, a relation or a reverse accessor may be called so."""
    return (
        re.fullmatch(_FIELD, name) is not None
        and len(name) <= LONGEST_NAME
        and not keyword.iskeyword(name)
        and name not in RESERVED
    )


def camel_case(words: str) -> str:
    """The name of an entity: `order_lines` -> `OrderLines`, `LINE-ITEM` -> `LineItem`."""
    parts = re.findall(r"[A-Za-z0-9]+", _ascii(words))
    shouted = all(one == one.upper() for one in parts)
    parts = [one.lower() if shouted else one for one in parts]
    name = "".join(one[:1].upper() + one[1:] for one in parts).lstrip("0123456789")
    return name[:1].upper() + name[1:LONGEST_NAME]


def field_case(words: str) -> str:
    """The name of a field: `orderNumber` -> `order_number`, `Straße 2` -> `strasse_2`."""
    parts = re.findall(r"[A-Za-z0-9]+", _ascii(words))
    name = "_".join(snake_case(one) for one in parts)
    name = re.sub(r"^[0-9_]+", "", re.sub(r"_+", "_", name))[:LONGEST_NAME].strip("_")
    if name and not is_field_name(name):  # a word of Python's or Django's
        name = f"{name}_value" if name != "id" else "number"
    return name


def _ascii(name: str) -> str:
    folded = name.replace("ß", "ss").replace("ø", "o").replace("Ø", "O").replace("ł", "l")
    return unicodedata.normalize("NFKD", folded).encode("ascii", "ignore").decode("ascii")


def _refuse(what: str, right: str) -> None:
    raise refused([Problem((), what, right)])


def _check_entity(name: str) -> str:
    if not re.fullmatch(_ENTITY, name):
        _refuse(f"{quoted(name)} is no name of an entity", quoted(camel_case(name) or "OrderLine"))
    if keyword.iskeyword(name):
        _refuse(f"{quoted(name)} is a word of Python", f"e.g. {quoted(name + 'Entry')}")
    return _check_length(name)


def _check_field(name: str) -> str:
    right = quoted(field_case(name) or "birth_date")
    if not re.fullmatch(_FIELD, name):
        _refuse(f"{quoted(name)} is no name of a field or relation", right)
    if keyword.iskeyword(name):
        _refuse(f"{quoted(name)} is a word of Python", f"e.g. {right}")
    if name in RESERVED:
        right = "nothing: every entity has an id" if name in ("id", "pk") else f"e.g. {right}"
        _refuse(f"{quoted(name)} is a name that every Django model has", right)
    return _check_length(name)


def _check_erd(name: str) -> str:
    if not re.fullmatch(_ERD, name):
        right = quoted(field_case(name).replace("_", "-") or "web-shop")
        _refuse(f"{quoted(name)} is no name of an ERD", right)
    return _check_length(name)


def _check_length(name: str) -> str:
    if len(name) > LONGEST_NAME:
        _refuse(f"a name of {len(name)} characters", f"at most {LONGEST_NAME}")
    return name


def _schema(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^{pattern}$", "maxLength": LONGEST_NAME})


EntityName = Annotated[StrictStr, AfterValidator(_check_entity), _schema(_ENTITY)]
FieldName = Annotated[StrictStr, AfterValidator(_check_field), _schema(_FIELD)]
ErdName = Annotated[StrictStr, AfterValidator(_check_erd), _schema(_ERD)]
