"""What a project's models refuse and take by themselves, before any serializer."""

from collections.abc import Mapping

from flagbench.acceptance.django import samples
from flagbench.acceptance.django.probe_client import Project
from flagbench.acceptance.django.project_checks import blamed
from flagbench.acceptance.django.rest_api import MODELS, refuted
from flagbench.acceptance.sandbox.sandbox import Raised
from flagbench.scenario.erd import Entity, Erd


def check_models(project: Project, erd: Erd) -> None:
    """Models order their rows, say what they are, and refuse what their fields do not allow."""
    models = project.models
    for entity in erd.entities:
        if models[entity.name].ordering != ["id"]:
            what = f"{entity.name}.Meta.ordering is {models[entity.name].ordering}"
            raise refuted("models-keep", MODELS, f'{what}; right would be ["id"]')
        if not models[entity.name].is_told:
            raise refuted("models-keep", MODELS, f"{entity.name} has no __str__ of its own")
        _check_right(project, entity)
        _check_wrong(project, entity)


def _check_right(project: Project, entity: Entity) -> None:
    """Every choice, one value of each other field, and nothing where that is allowed."""
    rounds = max((len(one.choices) for one in entity.fields), default=0) or 1
    rows: list[dict[str, object]] = [
        {one.name: samples.value(one, row) for one in entity.fields} for row in range(1, rounds + 1)
    ]
    nothing = [one.name for one in entity.fields if one.null]
    nothing += [one.name for one in entity.ones if one.null]
    rows += [dict.fromkeys(nothing)] if nothing else []
    for right in rows:
        for name, told in _refused(project, entity, right).items():
            if name in right:
                what = f"full_clean refuses {entity.name}.{name} {right[name]!r}: {'; '.join(told)}"
                raise refuted("models-keep", MODELS, what)


def _check_wrong(project: Project, entity: Entity) -> None:
    """Each round has one wrong value of every field that still has one.

    Types are the matter of serializers, and null that of columns: full_clean skips what may be
    blank.
    """
    rounds = [
        [(bad, why) for bad, why in list(samples.wrong(one))[1:] if bad is not None]
        for one in entity.fields
    ]
    for number in range(max(map(len, rounds), default=0)):
        wrong = {
            one.name: left[number]
            for one, left in zip(entity.fields, rounds, strict=True)
            if number < len(left)
        }
        told = _refused(project, entity, {name: bad for name, (bad, _) in wrong.items()})
        for name, (bad, why) in wrong.items():
            if name not in told:
                what = f"full_clean takes {bad!r:.80} for {entity.name}.{name}, {why}"
                raise refuted("models-keep", MODELS, what)


def _refused(
    project: Project, entity: Entity, values: Mapping[str, object]
) -> Mapping[str, list[str]]:
    try:
        return project.refused(entity.name, values)
    except Raised as raised:
        what = f"full_clean of a {entity.name} raised {raised}"
        raise blamed("models-keep", what, raised) from raised
