"""Plans of the files of a Django backend.

Defects change a plan; the writers turn it into text. A plan of one kind leaves the parts of the
others empty.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from flagbench.simulator.django.specification import Scalar

KINDS = ("models", "serializers", "views", "router", "auth")


@dataclass(frozen=True, slots=True)
class Member:
    """A field or relation of a model; `options` are keywords and their expressions.

    `target` is the entity that a relation refers to, `choices` are the allowed values; `default`
    is an expression, "" where there is none.
    """

    name: str
    type: str
    target: str = ""
    options: tuple[tuple[str, str], ...] = ()
    choices: tuple[Scalar, ...] = ()
    default: str = ""

    def option(self, name: str) -> str:
        """The expression of a keyword, "" without the keyword."""
        return dict(self.options).get(name, "")

    def without(self, *names: str) -> "Member":
        """The member without these keywords."""
        return replace(self, options=tuple(o for o in self.options if o[0] not in names))

    def having(self, name: str, expression: str) -> "Member":
        """The member with this keyword; one that it had already keeps its position."""
        options = dict(self.options) | {name: expression}
        return replace(self, options=tuple(options.items()))


@dataclass(frozen=True, slots=True)
class Model:
    """A model; `shown` is the member that `__str__` returns, "" for the primary key."""

    name: str
    members: tuple[Member, ...]
    shown: str = ""
    ordered: bool = True

    def member(self, name: str) -> Member | None:
        """The member of that name, None where there is none."""
        return next((member for member in self.members if member.name == name), None)

    def changed(self, name: str, change: Callable[[Member], Member]) -> "Model":
        """The model with one member changed."""
        members = tuple(
            change(member) if member.name == name else member for member in self.members
        )
        return replace(self, members=members)


@dataclass(frozen=True, slots=True)
class Serializer:
    """A serializer; `fields` is None for all, `unlocked` are writable through relations."""

    entity: str
    fields: tuple[str, ...] | None
    read_only: tuple[str, ...] = ()
    unlocked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ViewSet:
    """A view set; `permissions` is the name of a class, "" for none."""

    entity: str
    serializer: str
    select: tuple[str, ...] = ()
    prefetch: tuple[str, ...] = ()
    permissions: str = "ModelPermissions"
    searches_in: str = ""
    is_exempt: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """A view set and its prefix."""

    prefix: str
    viewset: str


@dataclass(frozen=True, slots=True)
class Auth:
    """The permissions: access for reading, a secret in the file, exemption from CSRF checks."""

    asks_to_view: bool = True
    strangers_read: bool = False
    secret: str = ""
    is_exempt: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Contents of one file, independent of its style."""

    kind: str
    documented: bool = True
    models: tuple[Model, ...] = ()
    serializers: tuple[Serializer, ...] = ()
    viewsets: tuple[ViewSet, ...] = ()
    answers_protected: bool = False
    routes: tuple[Route, ...] = ()
    includes_auth: bool = True
    auth: Auth = Auth()
