"""What is going to be written, before it is text: a plan for each kind of file.

Slips change a plan; the writers turn a plan into text. A plan of a kind leaves the others' parts
empty.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from flagbench.simulator.django.specification import Scalar

KINDS = ("models", "serializers", "views", "router", "auth")


@dataclass(frozen=True, slots=True)
class Member:
    """A field or relation as it will stand: `options` are keywords and their expressions.

    `target` is the entity that a relation leads to, `choices` the values to choose from;
    `default` is an expression, "" where there is none.
    """

    name: str
    type: str
    target: str = ""
    options: tuple[tuple[str, str], ...] = ()
    choices: tuple[Scalar, ...] = ()
    default: str = ""

    def option(self, name: str) -> str:
        """The expression of a keyword, "" where it is not there."""
        return dict(self.options).get(name, "")

    def without(self, *names: str) -> "Member":
        """The member with these keywords left out."""
        return replace(self, options=tuple(o for o in self.options if o[0] not in names))

    def having(self, name: str, expression: str) -> "Member":
        """The member with this keyword, in its place where it was there already."""
        options = dict(self.options) | {name: expression}
        return replace(self, options=tuple(options.items()))


@dataclass(frozen=True, slots=True)
class Model:
    """A model; `shown` is the member that `__str__` returns, "" for the key."""

    name: str
    members: tuple[Member, ...]
    shown: str = ""
    ordered: bool = True

    def member(self, name: str) -> Member | None:
        """The member of that name."""
        return next((one for one in self.members if one.name == name), None)

    def changed(self, name: str, change: Callable[[Member], Member]) -> "Model":
        """The model with one member changed."""
        members = tuple(change(one) if one.name == name else one for one in self.members)
        return replace(self, members=members)


@dataclass(frozen=True, slots=True)
class Serializer:
    """A serializer; `fields` is None for all; `unlocked` are through relations left writable."""

    entity: str
    fields: tuple[str, ...] | None
    read_only: tuple[str, ...] = ()
    unlocked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ViewSet:
    """A view set; `permissions` is a class's name, "" where nothing is said."""

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
    """The permissions: who may read, and what else stands in the file."""

    asks_to_view: bool = True
    strangers_read: bool = False
    secret: str = ""
    is_exempt: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """One file that is going to be written."""

    kind: str
    documented: bool = True
    models: tuple[Model, ...] = ()
    serializers: tuple[Serializer, ...] = ()
    viewsets: tuple[ViewSet, ...] = ()
    answers_protected: bool = False
    routes: tuple[Route, ...] = ()
    includes_auth: bool = True
    auth: Auth = Auth()
