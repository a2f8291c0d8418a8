"""Who may write: those with a key or, where there are no keys, this machine itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hmac import compare_digest
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from qa_service.web.problems import problem_response

_READING = {"GET", "HEAD", "OPTIONS"}
_WRITTEN = ("/documents", "/index")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request may not write."""

    status: int
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Access:
    """Tells whether a request may write."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = [key.encode() for key in keys]

    def refusal(self, request: HTTPConnection) -> Refusal | None:
        """Why it may not, or None when it may."""
        if _is_of_another_site(request):
            origin = request.headers.get("origin", "unknown")[:100]
            return Refusal(
                403,
                f"A page of another site (its origin: {origin!r}) may not write here. "
                "Write from the page that this service serves.",
            )
        if self._keys:
            return None if self._has_key(request) else _NO_KEY
        return None if _is_of_this_machine(request) else _NOT_LOCAL

    def _has_key(self, request: HTTPConnection) -> bool:
        scheme, _, sent = request.headers.get("authorization", "").partition(" ")
        given = sent.strip().encode("latin-1")
        # Each is compared, and in constant time: the time taken tells nothing of them.
        matches = [compare_digest(given, key) for key in self._keys]
        return scheme.lower() == "bearer" and any(matches)


class WriteGuard:
    """Refuses what may not write before its body is read."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] == "http"
            and scope["method"] not in _READING
            and scope["path"].startswith(_WRITTEN)
            and (refusal := self._access.refusal(HTTPConnection(scope)))
        ):
            # A body that is still to come must not be taken for another request.
            headers = {**refusal.headers, "Connection": "close"}
            response = problem_response(refusal.status, refusal.detail, headers)
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)


_NO_KEY = Refusal(
    401,
    "Writing needs one of the server's QA_API_KEYS. Send it as `Authorization: Bearer KEY`.",
    {"WWW-Authenticate": "Bearer"},
)
_NOT_LOCAL = Refusal(
    403,
    "The server has no QA_API_KEYS, so only the machine it runs on may write, at http://127.0.0.1 "
    "or http://localhost and not through a proxy. Set QA_API_KEYS there and send one of them as "
    "`Authorization: Bearer KEY`.",
)


def _is_of_another_site(request: HTTPConnection) -> bool:
    """Whether a browser sends it for the page of another origin; other clients never do."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:  # no page can forge it
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    # Not the scheme: a proxy may have taken TLS off.
    return origin is not None and _netloc(origin) != request.headers.get("host", "").lower()


def _is_of_this_machine(request: HTTPConnection) -> bool:
    """Whether it comes straight from a loopback address, and to one.

    A page whose own name was made to lead to this machine is told by that name in `Host`.
    """
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    return _is_loopback(request.client.host) and _is_loopback(_host(request))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)  # how one socket for both shows 127.0.0.1
    return (mapped or address).is_loopback


def _host(request: HTTPConnection) -> str:
    try:
        return urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    except ValueError:
        return ""


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
