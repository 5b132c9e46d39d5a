"""Code search by Sourcegraph's GraphQL API, several queries in one request where batched."""

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx2 as httpx

from flagbench_generators.optimizer.http_service import Service, ServiceFailed

PATH = "/.api/graphql"
_OK, _DENIED, _SHOWN = 200, (401, 403), 200
_FIELDS = """search(query: $%s, version: V2) { results { limitHit results { ... on FileMatch {
  repository { name } file { path } lineMatches { lineNumber preview } } } } }"""


def document(queries: Sequence[str]) -> dict[str, Any]:
    """The GraphQL request for queries, each under an alias of its own."""
    names = [f"q{number}" for number in range(len(queries))]
    declared = ", ".join(f"${name}: String!" for name in names)
    fields = "\n".join(f"{name}: {_FIELDS % name}" for name in names)
    return {
        "query": f"query ({declared}) {{\n{fields}\n}}",
        "variables": dict(zip(names, queries, strict=True)),
    }


async def search(service: Service, queries: Sequence[str]) -> list[dict[str, Any]]:
    """The matches of each query, without repetitions; `error` says why there are none."""
    try:
        answer = await service.ask("POST", PATH, document(queries))
        data = _data(answer)
        found = [data[f"q{number}"]["search"]["results"] for number in range(len(queries))]
        return list(map(_result, queries, found))
    except ServiceFailed as failure:
        reason, is_final = str(failure), failure.is_final
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        reason, is_final = f"not an answer: {error!r}", False
    if len(queries) > 1 and not is_final:  # one query must not take the others with it
        parts = await asyncio.gather(*(search(service, [query]) for query in queries))
        return [result for part in parts for result in part]
    nothing: dict[str, Any] = {"matches": [], "limit_hit": None, "error": reason}
    return [{"query": query, **nothing} for query in queries]


def _data(answer: httpx.Response) -> Any:
    """The data of an answer. Raises `ServiceFailed` for a status, and errors, also beside data."""
    status = answer.status_code
    errors = answer.json().get("errors") if status == _OK else answer.text[:_SHOWN]
    if errors or status != _OK:
        raise ServiceFailed(f"POST {PATH}: status {status}: {errors}", is_final=status in _DENIED)
    return answer.json()["data"]


def _result(query: str, results: dict[str, Any]) -> dict[str, Any]:
    matches = {
        (match["repository"]["name"], match["file"]["path"], line["lineNumber"]): line["preview"]
        for match in results["results"]
        for line in match["lineMatches"]
    }
    shown = [
        {"repository": repository, "path": path, "line": line, "preview": preview}
        for (repository, path, line), preview in matches.items()
    ]
    return {"query": query, "matches": shown, "limit_hit": results["limitHit"], "error": None}
