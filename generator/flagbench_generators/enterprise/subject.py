"""The `enterprise` generator as one function, for benchmarks and programs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flagbench_generators.enterprise.agents import agents_of
from flagbench_generators.enterprise.flags import FACTORS, CostOptimizationConfig
from flagbench_generators.enterprise.form import BriefErrors
from flagbench_generators.enterprise.plan import plan_by
from flagbench_generators.enterprise.project import Project
from flagbench_generators.enterprise.prompts import EnterprisePrompts, texts
from flagbench_generators.enterprise.read_brief import read_brief
from flagbench_generators.enterprise.result import Outcome
from flagbench_generators.enterprise.scaffold import scaffold_of
from flagbench_generators.kernel import events
from flagbench_generators.kernel.budget import Budget
from flagbench_generators.kernel.events import History, Listener, Trace
from flagbench_generators.kernel.flags import from_environment
from flagbench_generators.kernel.llm import Chat
from flagbench_generators.kernel.request_spec import NotUnderstood
from flagbench_generators.kernel.response_cache import CACHE_FOLDER, ResponseCache
from flagbench_generators.kernel.retry import RetryPolicy
from flagbench_generators.kernel.review import FormOnly
from flagbench_generators.kernel.session import run_session
from flagbench_generators.kernel.tools import Tools
from flagbench_generators.kernel.writing import Session

if TYPE_CHECKING:
    from openai import AsyncOpenAI


async def enterprise(
    requests: Sequence[str],
    flags: Mapping[str, str],
    client: AsyncOpenAI,
    *,
    model: str,
    workdir: Path,
    listener: Listener,
) -> Outcome:
    """Write an enterprise backend for each brief in YAML, one after the other.

    `flags` maps environment names such as `BATCH_SIZE` to levels. Only the response cache is
    written, to `workdir` or to the folder of `AGENT_CACHE_DIR`. Raises `ValueError` for another
    value of a flag or a session without briefs, and openai's errors for a key or model that is
    refused; a wrong brief is part of the outcome.
    """
    if not requests:
        raise ValueError("the session has no briefs; expected: at least one")
    config = from_environment(CostOptimizationConfig, flags)
    history = History(listener)
    prompts = EnterprisePrompts(texts(), config.enable_context_compression)
    folder = Path(flags.get(CACHE_FOLDER) or workdir)
    cache = ResponseCache(folder, "both", prompts, model) if config.enable_caching else None
    session = Session(
        agents=agents_of(None),
        plan=plan_by(config),
        tools=Tools(Chat(client, model), prompts, RetryPolicy(smart=False), Budget(config.budget)),
        understand=_understand,
        review=FormOnly(),
        templates=False,
        memory=cache,
        max_parallel=int(config.max_parallel_agents),
        rescue=config.enable_template_fallback,
    )
    clock = asyncio.get_running_loop().time
    started_seconds = clock()
    try:
        artifacts = await run_session(session, requests, history)
    finally:
        if cache:
            cache.close()
    seconds = clock() - started_seconds
    outcome = Outcome(artifacts, tuple(history.events), len(requests), seconds, config.budget)
    trace = Trace(history.events[-1].request_id, history)
    trace(events.OPTIMIZATION_SUMMARY, **outcome.result)
    return outcome


async def _understand(request: str, trace: Trace) -> tuple[Project, str]:  # noqa: ARG001  a protocol
    """Read the project of a brief. Raises `NotUnderstood` with every problem of the brief."""
    try:
        project = read_brief(request)
    except BriefErrors as error:
        raise NotUnderstood(str(error)) from error
    return project, f"Enterprise backend {project.name}"


# Attributes that the harness reads: the factors, the files around the generated ones, and the check
# of a brief before any call.
enterprise.factors = FACTORS  # type: ignore[attr-defined]
enterprise.scaffold = scaffold_of  # type: ignore[attr-defined]
enterprise.check = read_brief  # type: ignore[attr-defined]
