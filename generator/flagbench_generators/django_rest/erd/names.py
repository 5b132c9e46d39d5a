"""Names of entities and fields: validation, and suggestions for invalid ones."""

import keyword
import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StrictStr, WithJsonSchema

from flagbench_generators.django_rest.erd.problem import validation_error
from flagbench_generators.kernel.naming import snake_case
from flagbench_generators.kernel.problem import Problem, quote

MAX_NAME_LENGTH = 60  # Django keeps 100 characters for "delete_" and the name of a model
_ENTITY = "[A-Z][A-Za-z0-9]*"
_FIELD = "[a-z][a-z0-9]*(_[a-z0-9]+)*"
_ERD = "[a-z][a-z0-9]*([-_][a-z0-9]+)*"

# Attributes of every Django model: dir(django.db.models.Model) in 5.2 without names that start with
# "_" or a capital letter; and id, pk and objects.
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
    """Return whether a name is valid for a field, a relation or a reverse accessor."""
    return (
        re.fullmatch(_FIELD, name) is not None
        and len(name) <= MAX_NAME_LENGTH
        and not keyword.iskeyword(name)
        and name not in RESERVED
    )


def camel_case(words: str) -> str:
    """Convert to an entity name: `order_lines` -> `OrderLines`, `LINE-ITEM` -> `LineItem`."""
    parts = re.findall(r"[A-Za-z0-9]+", _ascii(words))
    is_upper = all(part == part.upper() for part in parts)
    parts = [part.lower() if is_upper else part for part in parts]
    name = "".join(part[:1].upper() + part[1:] for part in parts).lstrip("0123456789")
    return name[:1].upper() + name[1:MAX_NAME_LENGTH]


def field_case(words: str) -> str:
    """Convert to a field name: `orderNumber` -> `order_number`, `Straße 2` -> `strasse_2`."""
    parts = re.findall(r"[A-Za-z0-9]+", _ascii(words))
    name = "_".join(snake_case(part) for part in parts)
    name = re.sub(r"^[0-9_]+", "", re.sub(r"_+", "_", name))[:MAX_NAME_LENGTH].strip("_")
    if name and not is_field_name(name):  # a keyword of Python or a name of Django
        name = f"{name}_value" if name != "id" else "number"
    return name


def _ascii(name: str) -> str:
    folded = name.replace("ß", "ss").replace("ø", "o").replace("Ø", "O").replace("ł", "l")
    return unicodedata.normalize("NFKD", folded).encode("ascii", "ignore").decode("ascii")


def _raise_problem(what: str, expected: str) -> None:
    raise validation_error([Problem((), what, expected)])


def _check_entity(name: str) -> str:
    if not re.fullmatch(_ENTITY, name):
        _raise_problem(
            f"{quote(name)} is not a valid name of an entity",
            quote(camel_case(name) or "OrderLine"),
        )
    if keyword.iskeyword(name):
        _raise_problem(f"{quote(name)} is a keyword of Python", f"e.g. {quote(name + 'Entry')}")
    return _check_length(name)


def _check_field(name: str) -> str:
    expected = quote(field_case(name) or "birth_date")
    if not re.fullmatch(_FIELD, name):
        _raise_problem(f"{quote(name)} is not a valid name of a field or relation", expected)
    if keyword.iskeyword(name):
        _raise_problem(f"{quote(name)} is a keyword of Python", f"e.g. {expected}")
    if name in RESERVED:
        expected = "nothing: every entity has an id" if name in ("id", "pk") else f"e.g. {expected}"
        _raise_problem(f"{quote(name)} is an attribute of every Django model", expected)
    return _check_length(name)


def _check_erd(name: str) -> str:
    if not re.fullmatch(_ERD, name):
        expected = quote(field_case(name).replace("_", "-") or "web-shop")
        _raise_problem(f"{quote(name)} is not a valid name of an ERD", expected)
    return _check_length(name)


def _check_length(name: str) -> str:
    if len(name) > MAX_NAME_LENGTH:
        _raise_problem(f"a name of {len(name)} characters", f"at most {MAX_NAME_LENGTH}")
    return name


def _schema(pattern: str) -> WithJsonSchema:
    return WithJsonSchema(
        {"type": "string", "pattern": f"^{pattern}$", "maxLength": MAX_NAME_LENGTH}
    )


EntityName = Annotated[StrictStr, AfterValidator(_check_entity), _schema(_ENTITY)]
FieldName = Annotated[StrictStr, AfterValidator(_check_field), _schema(_FIELD)]
ErdName = Annotated[StrictStr, AfterValidator(_check_erd), _schema(_ERD)]
