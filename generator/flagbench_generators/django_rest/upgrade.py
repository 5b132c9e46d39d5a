"""The `django` generator before and after its prompts change, over one folder of cached answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from flagbench_generators.django_rest.flags import FACTORS
from flagbench_generators.django_rest.subject import Outcome, django
from flagbench_generators.kernel.events import Listener

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_STANDARDS = "ENABLE_COMPRESSED_STANDARDS"


async def django_upgrade(
    requests: Sequence[str],
    flags: Mapping[str, str],
    client: AsyncOpenAI,
    *,
    model: str,
    workdir: Path,
    listener: Listener,
) -> Outcome:
    """Write each backend twice: with the full standards, then with the short ones.

    It is what a team sees that rewrites its standards and keeps its cache: a file of the first
    session must not be taken for one of the second. The outcome is that of the second session.
    """
    write = partial(
        django, requests, client=client, model=model, workdir=workdir, listener=listener
    )
    await write({**flags, _STANDARDS: "false"})
    return await write({**flags, _STANDARDS: "true"})


# Attributes that the harness reads, as those of `django`.
django_upgrade.factors = tuple(  # type: ignore[attr-defined]
    factor for factor in FACTORS if factor.name != "compressed"
)
django_upgrade.scaffold = django.scaffold  # type: ignore[attr-defined]
django_upgrade.check = django.check  # type: ignore[attr-defined]
