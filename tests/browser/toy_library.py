"""The routes of a library that can be written to, as a toy: its builds take three looks."""

from email import message_from_bytes
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

_CREATED = "2026-11-22T05:46:45Z"
_EARLIER = "2026-11-20T10:00:00Z"


class ToyLibrary:
    """Follows the contract of the index routes; nothing is really built."""

    def __init__(self) -> None:
        self.reset()
        self.router = APIRouter()
        for path, method, endpoint in (
            ("/index", "GET", self.index),
            ("/documents", "POST", self.upload),
            ("/documents/{document_id}", "DELETE", self.delete),
            ("/documents/{document_id}/original", "GET", self.original),
            ("/index/builds", "POST", self.rebuild),
            ("/index/builds/{build_id}", "GET", self.look),
            ("/index/rollback", "POST", self.rollback),
        ):
            name = f"toy_{endpoint.__name__}"
            self.router.add_api_route(path, endpoint, methods=[method], name=name)

    def reset(self) -> None:
        self.writable = True
        self.key: str | None = None
        self.fails = False
        self.received: list[tuple[str, bytes]] = []
        self.deleted: list[str] = []
        self.builds: list[dict[str, Any]] = []
        self.current = "20261122T054645000000Z"

    def index(self, request: Request) -> dict[str, Any]:
        ids = {"20261122T054645000000Z": _CREATED, "20261120T100000000000Z": _EARLIER}
        snapshots = [
            {
                "id": key,
                "created": at,
                "documents": 5,
                "passages": 9,
                "current": key == self.current,
            }
            for key, at in ids.items()
        ]
        return {
            "snapshot": self.current,
            "created": ids[self.current],
            "documents": 5,
            "passages": 9,
            "encoder": "toy",
            "writable": self.writable and self._refusal(request) is None,
            "report": True,
            "snapshots": snapshots,
            "builds": self.builds,
        }

    async def upload(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        kind = request.headers["content-type"].encode()
        message = message_from_bytes(b"Content-Type: %s\r\n\r\n%s" % (kind, await request.body()))
        for part in message.walk():
            if not part.is_multipart():
                name = part.get_param("name", header="content-disposition")
                self.received.append((str(name), bytes(part.get_payload(decode=True) or b"")))
        return self._begin()

    def delete(self, document_id: str, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        self.deleted.append(document_id)
        return self._begin()

    def original(self, document_id: str) -> Response:
        if document_id != "journal":
            return JSONResponse({"status": 404, "detail": "no original"}, 404)
        return Response(b"%PDF", media_type="application/pdf")

    def rebuild(self, request: Request) -> Response:
        return self._refusal(request) or self._begin()

    def look(self, build_id: str) -> dict[str, Any]:
        build = next(build for build in self.builds if build["id"] == build_id)
        build |= {"done": build["done"] + 3, "stage": "reading", "started": _CREATED}
        if build["done"] < build["total"]:
            build["state"] = "running"
        elif self.fails:
            build |= {
                "state": "failed",
                "message": "'letter.pdf' has no text. Scanned pages need OCR first.",
                "report": ["letter.pdf: left out"],
                "ended": _CREATED,
            }
        else:
            build |= {"state": "published", "message": "5 documents, 9 passages", "ended": _CREATED}
        return build

    async def rollback(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        self.current = (await request.json())["snapshot"]
        return JSONResponse({"snapshot": self.current})

    def _begin(self) -> Response:
        build: dict[str, Any] = {
            "id": f"build-{len(self.builds) + 1}",
            "state": "waiting",
            "stage": None,
            "done": 0,
            "total": 9,
            "message": "",
            "report": [],
            "snapshot": None,
            "started": None,
            "ended": None,
        }
        self.builds.insert(0, build)
        return JSONResponse(build, 202)

    def _refusal(self, request: Request) -> Response | None:
        if self.key is None or request.headers.get("authorization") == f"Bearer {self.key}":
            return None
        return JSONResponse({"status": 401, "detail": "A key is needed."}, 401)
