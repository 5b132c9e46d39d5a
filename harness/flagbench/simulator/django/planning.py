"""Plans without defects, from the ERD."""

from collections.abc import Callable

from flagbench.simulator.django.literals import default_expression
from flagbench.simulator.django.plan import Member, Model, Plan, Route, Serializer, ViewSet
from flagbench.simulator.django.related import related_names
from flagbench.simulator.django.specification import (
    FIELD_CLASSES,
    ON_DELETE,
    RELATION_CLASSES,
    Entity,
    Field,
    Project,
    Relation,
)


def planned(kind: str, project: Project) -> Plan:
    """The plan of a file without defects; raises KeyError for an unknown kind."""
    return _PLANS[kind](project)


def _models(project: Project) -> Plan:
    names = related_names(project)
    return Plan("models", models=tuple(_model(entity, names) for entity in project.entities))


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
    """The member for a field."""
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
    """The member for a relation."""
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
            Serializer(entity.name, ("id", *entity.names), entity.throughs)
            for entity in project.entities
        ),
    )


def _views(project: Project) -> Plan:
    viewsets = tuple(
        ViewSet(
            entity=entity.name,
            serializer=f"{entity.name}Serializer",
            select=tuple(r.name for r in entity.relations if not r.is_many),
            prefetch=tuple(r.name for r in entity.relations if r.is_many),
        )
        for entity in project.entities
    )
    return Plan("views", viewsets=viewsets, answers_protected=project.protects)


def _router(project: Project) -> Plan:
    routes = tuple(Route(entity.route, f"{entity.name}ViewSet") for entity in project.entities)
    return Plan("router", routes=routes)


def _auth(_: Project) -> Plan:
    return Plan("auth")


_PLANS: dict[str, Callable[[Project], Plan]] = {
    "models": _models, "serializers": _serializers, "views": _views, "router": _router,
    "auth": _auth,
}  # fmt: skip
