"""A service over a corpus of its own, which its clients change."""

import sys
import time
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from httpx2 import Response
from starlette.testclient import TestClient

from qa_service.settings import load_settings
from qa_service.snapshot import current_id
from qa_service.web.app import create_app
from qa_service.web.builder import Builder
from qa_service.web.live import LivePipeline
from web import toy_build
from web.toy_service import TOY_ENGLISH, TOY_LATVIAN, toy_live, toy_snapshot

KEY = "a-key-of-some-length"


class Living:
    """The service, its folders and a client on the same machine."""

    def __init__(self, root: Path, empty: bool = False, **settings: object) -> None:
        """`empty`: there are no documents yet, and nothing was built."""
        if empty:
            (root / "corpus").mkdir()
        else:
            toy_snapshot(root, {"en.md": TOY_ENGLISH, "lv.md": TOY_LATVIAN})
        self.corpus, self.index_dir = root / "corpus", root / "index"
        self.settings = load_settings(corpus_dir=self.corpus, index_dir=self.index_dir, **settings)
        command = [sys.executable, toy_build.__file__, str(self.corpus), str(self.index_dir)]
        self.builder = Builder(self.index_dir, command)
        self.live, self.app = self.worker()
        self.client = self.client_of(self.app)

    def worker(self) -> tuple[LivePipeline, FastAPI]:
        """Another process of the same service would serve such an application."""
        live = toy_live(self.index_dir)
        if current_id(self.index_dir):
            live.refresh()
        return live, create_app(live, self.settings, self.builder)

    @staticmethod
    def client_of(app: FastAPI, address: str = "127.0.0.1") -> TestClient:
        return TestClient(
            app,
            base_url="http://127.0.0.1:8000",
            client=(address, 50000),
            raise_server_exceptions=False,
        )

    def pause(self) -> Path:
        """Builds stop before they encode, until this file is removed."""
        path = self.index_dir / toy_build.PAUSE
        path.touch()
        return path

    def upload(self, name: str, content: str | bytes, **form: str) -> Response:
        return self.client.post("/documents", files={"file": (name, content)}, data=form)

    def ended(self, accepted: Response) -> Any:
        """The build that a request was accepted with, at its end."""
        assert accepted.status_code == 202, accepted.text
        location = accepted.headers["location"]
        assert location == f"/index/builds/{accepted.json()['id']}"
        return self.wait_for(location, "published", "unchanged", "failed")

    def wait_for(self, location: str, *states: str) -> Any:
        deadline = time.monotonic() + 300  # on a very busy machine
        while (build := self.client.get(location).json())["state"] not in states:
            assert time.monotonic() < deadline, build
            time.sleep(0.05)
        return build

    def listed(self) -> list[str]:
        return [document["id"] for document in self.client.get("/documents").json()["documents"]]
