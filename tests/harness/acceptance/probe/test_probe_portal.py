"""Startup and shutdown of a test client without a thread, as Starlette's own do them."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from flagbench.acceptance.probe.portal import Portals

ENTER = TestClient.__enter__


@pytest.fixture
def portals(monkeypatch: pytest.MonkeyPatch) -> Iterator[Portals]:
    """Portals that every test client enters by."""
    made = Portals()
    monkeypatch.setattr(TestClient, "__enter__", lambda client: made.enter(client, ENTER))
    yield made
    made.close()


def application(happened: list[str], fails_at: str = "") -> FastAPI:
    """An application that says when it starts and ends, and fails there."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        for when in ("start", "end"):
            await asyncio.sleep(0)
            happened.append(f"{when} {threading.active_count()}")
            if when == fails_at:
                raise ValueError(when)
            if when == "start":
                yield

    made = FastAPI(lifespan=lifespan)

    @made.websocket("/echo")
    async def echo(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(await socket.receive_text())

    return made


def test_a_lifespan_is_run_around_the_block(portals: Portals) -> None:
    """Again and again, without a thread; a websocket has one, as ever."""
    happened: list[str] = []
    threads = threading.active_count()
    for _ in range(2):
        with TestClient(application(happened)) as client, client.websocket_connect("/echo") as it:
            it.send_text("a")
            assert it.receive_text() == "a"
    assert happened == [f"start {threads}", f"end {threads}"] * 2


@pytest.mark.parametrize("when", ["start", "end"])
def test_what_a_lifespan_raises_is_raised(portals: Portals, when: str) -> None:
    """By the block, and the next client is not disturbed."""
    with pytest.raises(ValueError, match=when), TestClient(application([], when)):
        pass
    with TestClient(application([])):
        pass


def test_within_a_loop_that_runs_a_client_has_a_thread(portals: Portals) -> None:
    """No loop runs inside of another."""
    happened: list[str] = []

    async def enter() -> int:
        with TestClient(application(happened)):
            return threading.active_count()

    threads = threading.active_count()
    assert asyncio.run(enter()) == threads + 1
    assert happened[0] == f"start {threads + 1}"
