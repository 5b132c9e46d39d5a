"""Clients of urllib3, and of what sends through it: requests, botocore."""

import io
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from flagbench.errors import CouldNotRun, Problem
from flagbench.http_library import httpx

if TYPE_CHECKING:
    from flagbench.run.own_clients import Exchange

# Of the way that the bytes went, which the harness's client decides on.
_FRAMING = frozenset({"content-length", "transfer-encoding"})


def replacements(library: Any, exchange: "Exchange") -> Iterator[tuple[Any, str, Any]]:
    """Replacements of the library's connections: owner, name, function.

    Retries, redirects and errors stay those of its pool, which calls this for each attempt.
    """

    def make_request(
        pool: Any,
        conn: Any,
        method: str,
        url: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        retries: Any = None,
        timeout: Any = None,
        response_conn: Any = None,
        preload_content: bool = True,
        decode_content: bool = True,
        **_: Any,
    ) -> Any:
        if int(library.__version__.partition(".")[0]) < 2:
            what = f"the subject calls through urllib3 {library.__version__}"
            exchange.stop(CouldNotRun(Problem(what, expected="urllib3 2 or later")))
        # It is never opened, so that no error is one of a proxy's.
        conn.proxy = None
        timeout = pool._get_timeout(timeout)
        timeout.start_connect()
        seconds = library.Timeout.resolve_default_timeout(timeout.read_timeout)
        request = httpx.Request(
            method,
            _address(pool, url),
            headers=[
                (name, value if isinstance(value, bytes) else str(value))
                for name, value in (headers or {}).items()
                if str(name).lower() not in _FRAMING
            ],
            content=_whole(body),
            extensions={"timeout": {"read": seconds}},
        )
        try:
            answer = exchange.run(_whole_answer(exchange, request))
        except httpx.TimeoutException as error:
            told = f"Read timed out. (read timeout={seconds})"
            raise library.exceptions.ReadTimeoutError(pool, url, told) from error
        except httpx.RequestError as error:
            closed = ConnectionResetError("the connection was closed")
            raise library.exceptions.ProtocolError("Connection aborted.", closed) from error
        if response_conn is not None:
            pool._put_conn(response_conn)
        return library.HTTPResponse(
            io.BytesIO(answer.content),
            headers=answer.headers.multi_items(),
            status=answer.status_code,
            reason=answer.reason_phrase,
            version=11,
            version_string="HTTP/1.1",
            preload_content=preload_content,
            decode_content=decode_content,
            retries=retries,
            request_method=method,
            request_url=url,
        )

    yield library.connectionpool.HTTPConnectionPool, "_make_request", make_request
    # The way through a proxy, which is there to keep a subject from the network.
    yield library.connectionpool.HTTPSConnectionPool, "_prepare_proxy", lambda *_: None


async def _whole_answer(exchange: "Exchange", request: httpx.Request) -> httpx.Response:
    """The answer with its body, which is that of the whole stream for a streamed one."""
    answer = await exchange.transport.handle_async_request(request)
    await answer.aread()
    return answer


def _address(pool: Any, url: str) -> str:
    """The whole URL: a pool knows scheme and host, and a proxy gets them with the path."""
    if "://" in url.partition("?")[0]:
        return url
    host = f"[{pool.host}]" if ":" in pool.host else pool.host
    return f"{pool.scheme}://{host}{f':{pool.port}' if pool.port else ''}{url}"


def _whole(body: Any) -> bytes:
    """A body in any of urllib3's forms, as bytes."""
    if body is None:
        return b""
    if hasattr(body, "read"):
        body = body.read()
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body)
    return b"".join(part.encode() if isinstance(part, str) else bytes(part) for part in body)
