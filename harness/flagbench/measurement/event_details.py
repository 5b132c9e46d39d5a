"""Fields of events that show what a subject decided, in words."""

from numbers import Real

from flagbench.subject import Event

# Field of an event: the subject waits for this time before it continues.
WAIT_FIELD = "delay_seconds"
# An event that reports a call, which a trace has already.
CALL_EVENT = "llm_call"
# An event that tells what was made of a request: the prompts of the calls that follow carry it.
UNDERSTOOD_EVENT = "understood"
# Events that are no steps of a trace: it has what they tell already.
NO_STEPS = (CALL_EVENT, UNDERSTOOD_EVENT)
# Whose decision it is, which a trace has already.
_OWNERS = ("agent", "kind")
# What the subject has measured so far, and what it makes of it, moves with every call.
_MEASURED = ("seconds", "time", "tokens", "_pct", "_rate")
_WARNING = "_warning"
_CHARACTERS = 80


def detail(event: Event) -> str:
    """Format the numbers and short texts that a subject decided on, such as a score or a pause.

    Amounts that it measured are left out, apart from the time it is going to wait.
    """
    if event.name.endswith(_WARNING):
        return ""
    return ", ".join(
        f"{name} {_value(value)}"
        for name, value in sorted(event.fields.items(), key=lambda item: str(item[0]))
        if _is_chosen(str(name), value)
    )


def _is_chosen(name: str, value: object) -> bool:
    if name in _OWNERS or (name != WAIT_FIELD and name.endswith(_MEASURED)):
        return False
    if isinstance(value, str):
        return len(value) <= _CHARACTERS and "\n" not in value
    return isinstance(value, Real)


def _value(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
