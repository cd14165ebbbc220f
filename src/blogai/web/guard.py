"""Local use without sign-in: only this machine, and no other web site, may talk to the server.

A page on another site can make the reader's browser send requests to loopback, and a name that it controls can be
pointed at 127.0.0.1. Both are refused: the Host must be loopback, and the browser must not call the request cross-site
(Sec-Fetch-Site, or Origin where a browser does not send it).
"""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from blogai.errors import Forbidden
from blogai.web import problems
from blogai.web.address import host_of, is_loopback


def refusal(headers: Headers) -> Forbidden | None:
    """Why a request may not pass, or None."""
    host = host_of(headers.get("host", ""))
    if not is_loopback(host):
        return Forbidden(
            f"Host {host or '(none)'} is not this machine.", remedy="Open the page by the address that `serve` printed."
        )
    if headers.get("sec-fetch-site") == "cross-site":
        return Forbidden("The request comes from another web site.", remedy="Open the page by its address.")
    origin = headers.get("origin")
    if origin is not None and origin.lower().partition("://")[2] != headers.get("host", "").lower():
        return Forbidden(f"The request comes from {origin}.", remedy="Use the pages of this server.")
    return None


class LocalOnly:
    """ASGI middleware that answers 403 to requests, and closes web sockets, of anybody but this machine's own pages."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            refused = refusal(Headers(scope=scope))
            if refused is not None:
                if scope["type"] == "http":
                    await problems.response(refused)(scope, receive, send)
                else:
                    await receive()
                    await send({"type": "websocket.close", "code": 1008, "reason": "cross-site"})
                return
        await self.app(scope, receive, send)
