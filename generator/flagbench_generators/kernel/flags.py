"""Flags as fields of a dataclass: declared, read from the environment, listed as factors."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar, cast

_TRUE = ("true", "1", "yes", "on")
_FALSE = ("false", "0", "no", "off")
_ON_OFF = ("false", "true")


FlagSet = TypeVar("FlagSet")


def flag(env: str, doc: str, *, default: bool) -> bool:
    """Declare a flag that is on or off."""
    value: bool = field(default=default, metadata={"env": env, "doc": doc, "levels": _ON_OFF})
    return value


def choice(env: str, doc: str, levels: tuple[str, ...], *, default: str) -> str:
    """Declare a flag with more levels: the first is off, the last is the level of `all`."""
    value: str = field(default=default, metadata={"env": env, "doc": doc, "levels": levels})
    return value


@dataclass(frozen=True, slots=True)
class Factor:
    """A flag with its levels; the first level is off."""

    name: str
    env: str
    levels: tuple[str, ...]
    doc: str
    default: str


def from_environment(of: type[FlagSet], environment: Mapping[str, str]) -> FlagSet:
    """Read the flags of a class from an environment; unset flags keep their defaults.

    Raises `ValueError` naming every variable whose value is not a level.
    """
    values: dict[str, bool | str] = {}
    problems = []
    for variable in fields(cast(Any, of)):
        env, levels = variable.metadata["env"], variable.metadata["levels"]
        text = environment.get(env, "").strip().lower()
        if env not in environment:
            continue
        if levels == _ON_OFF and text in _TRUE + _FALSE:
            values[variable.name] = text in _TRUE
        elif levels != _ON_OFF and text in levels:
            values[variable.name] = text
        else:
            on_off = f"{'/'.join(_TRUE)} or {'/'.join(_FALSE)}"
            expected = on_off if levels == _ON_OFF else ", ".join(levels)
            problems.append(f"{env}={environment[env]!r}; expected: {expected}")
    if problems:
        raise ValueError("; ".join(problems))
    return of(**values)


def factors_of(flags: type) -> tuple[Factor, ...]:
    """List the flags of a class as factors."""
    return tuple(
        Factor(
            name=variable.name,
            env=variable.metadata["env"],
            levels=variable.metadata["levels"],
            doc=variable.metadata["doc"],
            default=str(variable.default).lower(),
        )
        for variable in fields(flags)
    )
