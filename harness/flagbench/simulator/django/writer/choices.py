"""Choices of a field: a class, a constant, or pairs in the declaration.

Each function returns the lines before the members, the expression for `choices` and the expression
of the default.
"""

from collections.abc import Sequence

from flagbench.simulator.crud.writer.layout import quoted
from flagbench.simulator.django.literals import constant_names, label, literal
from flagbench.simulator.django.plan import Member, Model
from flagbench.simulator.django.specification import Scalar
from flagbench.simulator.django.style import CodeStyle
from flagbench.simulator.django.writer.calls import assigned, call, sequence
from flagbench.simulator.names import camel


def pairs(choices: Sequence[Scalar]) -> list[str]:
    """Pairs of value and label, as expressions."""
    return ["\n".join(call(0, "(", [literal(value), quoted(label(value))])) for value in choices]


def choices_name(member: str) -> str:
    """Name of the constant with the pairs of a field."""
    return f"{member.upper()}_CHOICES"


def choices_class(model: Model, member: Member, taken: set[str]) -> tuple[list[str], str, str]:
    """A TextChoices or IntegerChoices; pairs in the declaration for values of other types."""
    if not member.choices:
        return [], "", member.default
    if not all(isinstance(value, str) for value in member.choices):
        whole = all(isinstance(v, int) and not isinstance(v, bool) for v in member.choices)
        if not whole:
            return pairs_inline(model, member, CodeStyle())
        kind = "IntegerChoices"
    else:
        kind = "TextChoices"
    name = camel(member.name)
    name += "Choices" if name in taken or name == model.name else ""
    lines = [f"    class {name}(models.{kind}):"]
    default = member.default
    for constant, value in zip(constant_names(member.choices), member.choices, strict=True):
        line = f"        {constant} = {literal(value)}, {quoted(label(value))}"
        split = call(8, f"{constant} = (", [literal(value), quoted(label(value))])
        lines += [line] if len(line) <= 79 and "\n" not in line else split
        if literal(value) == member.default:
            default = f"{name}.{constant}"
    before = lines if member is _first_choosing(model) else ["", *lines]
    return before, f"{name}.choices", default


def _first_choosing(model: Model) -> Member | None:
    return next((member for member in model.members if member.choices), None)


def pairs_constant(_: Model, member: Member, code_style: CodeStyle) -> tuple[list[str], str, str]:
    """A constant of the class with the pairs."""
    if not member.choices:
        return [], "", member.default
    name = choices_name(member.name)
    expression = sequence(pairs(member.choices), code_style.brackets, 0)
    return assigned(4, name, expression), name, member.default


def pairs_inline(_: Model, member: Member, code_style: CodeStyle) -> tuple[list[str], str, str]:
    """Pairs in the declaration."""
    if not member.choices:
        return [], "", member.default
    return [], sequence(pairs(member.choices), code_style.brackets, 40), member.default
