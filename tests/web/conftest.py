from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from time import sleep

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from qa_service.reader import Reader
from qa_service.settings import load_settings
from qa_service.web.app import create_app
from web.toy_service import TOY_ENGLISH, TOY_LATVIAN, toy_live, toy_snapshot

MakeApp = Callable[..., FastAPI]
Serve = Callable[[ASGIApp], int]


@pytest.fixture(scope="session")
def toy_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index folder of a small bilingual corpus; to be read only."""
    root = tmp_path_factory.mktemp("toy")
    toy_snapshot(root, {"en.md": TOY_ENGLISH, "lv.md": TOY_LATVIAN})
    return root / "index"


@pytest.fixture
def make_app(toy_index: Path) -> MakeApp:
    """Makes the service over the toy index, with a reader and settings of one's own."""

    def make(reader: Reader | None = None, **settings: object) -> FastAPI:
        live = toy_live(toy_index, reader)
        live.refresh()
        return create_app(live, load_settings(**settings))

    return make


@pytest.fixture
def client(make_app: MakeApp) -> TestClient:
    return TestClient(make_app(), raise_server_exceptions=False)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts an application under a real uvicorn on a free loopback port, which it returns."""
    running: list[tuple[uvicorn.Server, Thread]] = []

    def start(app: ASGIApp) -> int:
        config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", ws="none")
        server = uvicorn.Server(config)
        thread = Thread(target=server.run)
        thread.start()
        running.append((server, thread))
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            sleep(0.01)
        return int(server.servers[0].sockets[0].getsockname()[1])

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive(), "the server does not stop"
