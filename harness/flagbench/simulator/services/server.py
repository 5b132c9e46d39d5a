"""The simulated services over HTTP on loopback."""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flagbench.simulator.services.answer import Answer, Asked, Service, limited
from flagbench.simulator.services.api import Api
from flagbench.simulator.services.search import Search
from flagbench.simulator.serving import served
from flagbench.simulator.settings import ProviderSettings

Respond = Callable[[Asked], Answer]
# Name -> the service over some files.
SERVICES: Mapping[str, Callable[[Mapping[str, str]], Respond]] = {
    "api": lambda files: Api(files).respond,
    "search": lambda files: Search(files).respond,
}
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def create_app(
    service: Service,
    *,
    sleep: bool,
    requests_per_second: float = math.inf,
    clock: Callable[[], float] = time.monotonic,
) -> Starlette:
    """The ASGI application; with `sleep` answers take the latency that their header declares.

    More than `requests_per_second` in a second of the clock are refused. A recording must not
    depend on its pace, and leaves this out.
    """
    admitted = deque[float]()

    def is_refused() -> bool:
        now = clock()
        while admitted and admitted[0] <= now - 1.0:
            admitted.popleft()
        if len(admitted) >= requests_per_second:
            return True
        admitted.append(now)
        return False

    async def handle(request: Request) -> Response:
        if is_refused():
            answer = limited(1)
        else:
            asked = Asked(request.method, request.url.path, await request.body())
            answer = service.answer(asked)
        if sleep:
            await asyncio.sleep(answer.seconds)
        headers = {**answer.headers, "content-type": "application/json"}
        return Response(answer.content, answer.status, headers)

    return Starlette(routes=[Route("/{path:path}", handle, methods=_METHODS)])


@contextmanager
def running_services(
    ports: Mapping[str, int],
    files: Mapping[str, str],
    settings: ProviderSettings,
    *,
    sleep: bool = False,
    requests_per_second: float = math.inf,
) -> Iterator[dict[str, str]]:
    """Serve services by name, over these files, on 127.0.0.1; yields the base URL of each.

    Port 0 takes a free one. Raises `KeyError` for another name than those of `SERVICES`, and
    `CouldNotRun` for a port that is taken.
    """
    with ExitStack() as stack:
        found = {}
        for name, port in ports.items():
            service = Service(settings, SERVICES[name](files))
            app = create_app(service, sleep=sleep, requests_per_second=requests_per_second)
            found[name] = f"http://127.0.0.1:{stack.enter_context(served(app, port))}"
        yield found
