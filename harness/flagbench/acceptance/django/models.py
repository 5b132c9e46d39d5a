"""Checks of the validation of models, without serializers."""

from collections.abc import Mapping

from flagbench.acceptance.django import samples
from flagbench.acceptance.django.probe_client import Project
from flagbench.acceptance.django.project_checks import refutation_of
from flagbench.acceptance.django.rest_api import MODELS, refutation
from flagbench.acceptance.sandbox.sandbox import Raised
from flagbench.scenario.erd import Entity, Erd


def check_models(project: Project, erd: Erd) -> None:
    """Check ordering, `__str__` and validation of all models. Raises `Refuted`."""
    models = project.models
    for entity in erd.entities:
        if models[entity.name].ordering != ["id"]:
            what = f"{entity.name}.Meta.ordering is {models[entity.name].ordering}"
            raise refutation("models-keep", MODELS, f'{what}; expected: ["id"]')
        if not models[entity.name].has_own_str:
            raise refutation("models-keep", MODELS, f"{entity.name} does not define __str__")
        _check_valid(project, entity)
        _check_invalid(project, entity)


def _check_valid(project: Project, entity: Entity) -> None:
    """Check every choice, one value of each other field, and null where it is allowed."""
    rounds = max((len(field.choices) for field in entity.fields), default=0) or 1
    rows: list[dict[str, object]] = [
        {field.name: samples.value(field, number) for field in entity.fields}
        for number in range(1, rounds + 1)
    ]
    nullable = [field.name for field in entity.fields if field.null]
    nullable += [relation.name for relation in entity.ones if relation.null]
    rows += [dict.fromkeys(nullable)] if nullable else []
    for row in rows:
        for name, messages in _validation_errors(project, entity, row).items():
            if name in row:
                errors = "; ".join(messages)
                what = f"full_clean refuses {entity.name}.{name} {row[name]!r}: {errors}"
                raise refutation("models-keep", MODELS, what)


def _check_invalid(project: Project, entity: Entity) -> None:
    """Check invalid values, one of each field in each round.

    Types are left to serializers and null to columns, because full_clean skips blank values.
    """
    rounds = [
        [
            (bad, reason)
            for bad, reason in list(samples.invalid_values(field))[1:]
            if bad is not None
        ]
        for field in entity.fields
    ]
    for number in range(max(map(len, rounds), default=0)):
        wrong = {
            field.name: values[number]
            for field, values in zip(entity.fields, rounds, strict=True)
            if number < len(values)
        }
        errors = _validation_errors(
            project, entity, {name: bad for name, (bad, _) in wrong.items()}
        )
        for name, (bad, reason) in wrong.items():
            if name not in errors:
                what = f"full_clean accepts {bad!r:.80} for {entity.name}.{name}, {reason}"
                raise refutation("models-keep", MODELS, what)


def _validation_errors(
    project: Project, entity: Entity, values: Mapping[str, object]
) -> Mapping[str, list[str]]:
    try:
        return project.validation_errors(entity.name, values)
    except Raised as raised:
        what = f"full_clean of {entity.name} raised {raised}"
        raise refutation_of("models-keep", what, raised) from raised
