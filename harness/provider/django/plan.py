"""What is going to be written, before it is text: the right plan of each kind of file.

Slips change a plan; the writers turn a plan into text. A plan of a kind leaves the others' parts
empty.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from harness.provider.django.project import (
    FIELD_CLASSES,
    ON_DELETE,
    RELATION_CLASSES,
    Entity,
    Field,
    Project,
    Relation,
    Scalar,
)
from harness.provider.django.related import related_names
from harness.provider.django.values import default_expression

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


def planned(kind: str, project: Project) -> Plan:
    """The right plan of a file; raises KeyError for an unknown kind."""
    return _PLANS[kind](project)


def _models(project: Project) -> Plan:
    names = related_names(project)
    return Plan("models", models=tuple(_model(one, names) for one in project.entities))


def _model(entity: Entity, names: dict[tuple[str, str], str]) -> Model:
    fields = tuple(field_member(field) for field in entity.fields)
    relations = tuple(
        relation_member(entity, relation, names[entity.name, relation.name])
        for relation in entity.relations
    )
    texts = [f for f in entity.fields if f.type in {"string", "email"} and not f.null]
    plain_texts = [f for f in texts if not f.choices]
    shown = next((f.name for f in plain_texts), "")
    return Model(entity.name, (*fields, *relations), shown)


def field_member(field: Field) -> Member:
    """The right declaration of a field."""
    options = []
    if field.max_length:
        options.append(("max_length", str(field.max_length)))
    if field.type == "decimal":
        options.append(("max_digits", str(field.max_digits)))
        options.append(("decimal_places", str(field.decimal_places)))
    options += [("unique", "True")] if field.unique else []
    options += [("null", "True"), ("blank", "True")] if field.null else []
    default = "" if field.default is None else default_expression(field)
    return Member(
        name=field.name,
        type=FIELD_CLASSES[field.type],
        options=tuple(options),
        choices=field.choices,
        default=default,
    )


def relation_member(entity: Entity, relation: Relation, related_name: str) -> Member:
    """The right declaration of a relation."""
    options: list[tuple[str, str]] = []
    if relation.is_many:
        own = relation.to == entity.name
        options += [("symmetrical", "False")] if own else []
        options += [("through", relation.through)] if relation.through else []
    else:
        options.append(("on_delete", ON_DELETE[relation.on_delete]))
    options.append(("related_name", related_name))
    if relation.is_many:
        options.append(("blank", "True"))
    elif relation.null:
        options += [("null", "True"), ("blank", "True")]
    return Member(relation.name, RELATION_CLASSES[relation.kind], relation.to, tuple(options))


def _serializers(project: Project) -> Plan:
    return Plan(
        "serializers",
        serializers=tuple(
            Serializer(one.name, ("id", *one.names), one.throughs) for one in project.entities
        ),
    )


def _views(project: Project) -> Plan:
    viewsets = tuple(
        ViewSet(
            entity=one.name,
            serializer=f"{one.name}Serializer",
            select=tuple(r.name for r in one.relations if not r.is_many),
            prefetch=tuple(r.name for r in one.relations if r.is_many),
        )
        for one in project.entities
    )
    return Plan("views", viewsets=viewsets, answers_protected=project.protects)


def _router(project: Project) -> Plan:
    routes = tuple(Route(one.route, f"{one.name}ViewSet") for one in project.entities)
    return Plan("router", routes=routes)


def _auth(_: Project) -> Plan:
    return Plan("auth")


_PLANS: dict[str, Callable[[Project], Plan]] = {
    "models": _models, "serializers": _serializers, "views": _views, "router": _router,
    "auth": _auth,
}  # fmt: skip
