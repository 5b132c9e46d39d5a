"""A code generator: one Python function for each request, in one call each."""

import asyncio
from dataclasses import dataclass, field

STANDARD = (
    "Use type annotations. Write a docstring of one sentence. Prefer f-strings. "
    "Do not print; return the text. Do not import anything. Keep lines under 80 columns. "
)


@dataclass(frozen=True)
class File:
    """One generated file, and whether the generator's own review approved it."""

    path: str
    text: str
    approved: bool
    request_id: str
    kind: str = "function"


@dataclass(frozen=True)
class Session:
    """Everything that was generated; `rates` are (part, whole) of the generator's decisions."""

    artifacts: list[File]
    rates: dict[str, tuple[int, int]] = field(default_factory=dict)


async def greet(requests, flags, client, *, model, **_):
    """Write a function for each request. Every call goes through the given `client`.

    Also passed: `workdir`, an empty folder, and `listener`, a function that takes events.
    """
    standard = "" if flags["GREETER_SHORT"] == "true" else STANDARD * 5

    async def write(number, request):
        answer = await client.chat.completions.create(
            model=model,
            messages=[
                {"role": "system", "content": f"You write Python. {standard}"},
                {"role": "user", "content": request},
            ],
            extra_headers={"X-Agent": "writer", "X-Client-Request-Id": f"request-{number}"},
        )
        text = answer.choices[0].message.content
        return File(f"greeting_{number}.py", text, _compiles(text), f"request-{number}")

    writing = [write(number, request) for number, request in enumerate(requests, start=1)]
    if flags["GREETER_PARALLEL"] == "true":
        return Session(list(await asyncio.gather(*writing)))
    return Session([await file for file in writing])


def _compiles(text):
    try:
        compile(text, "greeting", "exec")
    except SyntaxError:
        return False
    return True
