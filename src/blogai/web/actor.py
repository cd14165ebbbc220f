"""Who a request acts for."""

from starlette.requests import HTTPConnection

from blogai.db.database import LOCAL_OWNER, Actor


def current_actor(_: HTTPConnection) -> Actor:
    """The actor of a request or web socket. Without sign-in it is always the owner of this installation."""
    return LOCAL_OWNER
