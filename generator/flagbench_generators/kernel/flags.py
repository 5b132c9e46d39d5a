"""Flags as fields of a dataclass: how one is declared, read from an environment, and varied."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar, cast

_TRUE = ("true", "1", "yes", "on")
_FALSE = ("false", "0", "no", "off")
_BOTH = ("false", "true")


Chosen = TypeVar("Chosen")


def flag(env: str, doc: str, *, default: bool) -> bool:
    """A field of a class of flags that is on or off."""
    value: bool = field(default=default, metadata={"env": env, "doc": doc, "levels": _BOTH})
    return value


def choice(env: str, doc: str, levels: tuple[str, ...], *, default: str) -> str:
    """A field with more levels: the first is off, the last is what `all` means."""
    value: str = field(default=default, metadata={"env": env, "doc": doc, "levels": levels})
    return value


@dataclass(frozen=True, slots=True)
class Factor:
    """A flag as something to vary: the first level is off."""

    name: str
    env: str
    levels: tuple[str, ...]
    doc: str
    default: str


def from_environment(of: type[Chosen], environment: Mapping[str, str]) -> Chosen:
    """Flags of a class as an environment sets them; the others keep their defaults.

    Raises `ValueError` naming every variable whose value is no level.
    """
    values: dict[str, bool | str] = {}
    wrong = []
    for one in fields(cast(Any, of)):
        env, levels = one.metadata["env"], one.metadata["levels"]
        text = environment.get(env, "").strip().lower()
        if env not in environment:
            continue
        if levels == _BOTH and text in _TRUE + _FALSE:
            values[one.name] = text in _TRUE
        elif levels != _BOTH and text in levels:
            values[one.name] = text
        else:
            right = f"{'/'.join(_TRUE)} or {'/'.join(_FALSE)}" if levels == _BOTH else levels
            told = right if isinstance(right, str) else ", ".join(right)
            wrong.append(f"{env}={environment[env]!r}: right would be {told}")
    if wrong:
        raise ValueError("; ".join(wrong))
    return of(**values)


def factors_of(flags: type) -> tuple[Factor, ...]:
    """The flags of a class as something to vary."""
    return tuple(
        Factor(
            name=one.name,
            env=one.metadata["env"],
            levels=one.metadata["levels"],
            doc=one.metadata["doc"],
            default=str(one.default).lower(),
        )
        for one in fields(flags)
    )
