"""The composition root of the web side: one ASGI application from the API, the pages and the guard.

The API and the pages are two applications behind one address, so that every path below /api, also one that does not
exist, is answered by the API with a problem document.
"""

from importlib.metadata import version

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from blogai.brand import routes as brand_routes
from blogai.brand.brief import Briefs
from blogai.content import routes as content_routes
from blogai.content.library import Library
from blogai.content.runs import Runs
from blogai.db.database import Database
from blogai.health import Health
from blogai.health import router as health_router
from blogai.metrics import Metrics
from blogai.metrics import router as metrics_router
from blogai.providers.registry import Providers
from blogai.settings import Settings
from blogai.tools import routes as tools_routes
from blogai.usage import routes as usage_routes
from blogai.web import problems
from blogai.web.guard import LocalOnly

API_PREFIX = "/api/v1"

DESCRIPTION = """Writes posts and marketing copy, keeps what was written and meters it.

Errors are problem documents (RFC 9457). Lists are paged by `cursor`. Costly requests take an `Idempotency-Key`."""


class Split:
    """Hands each request to the API or to the pages, by its path; start and stop go to the pages, which need them."""

    def __init__(self, api: ASGIApp, pages: ASGIApp) -> None:
        self.api = api
        self.app = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        to_api = path == "/api" or path.startswith("/api/") or path in ("/health", "/metrics", "/openapi.json")
        if (
            scope["type"] == "http" and scope.get("method") == "HEAD"
        ):  # what GET would answer; the server leaves the body out
            scope = {**scope, "method": "GET"}
        await (self.api if to_api and scope["type"] == "http" else self.app)(scope, receive, send)


def create_api(database: Database, providers: Providers, runs: Runs, library: Library) -> FastAPI:
    """The JSON API with its OpenAPI document at /openapi.json."""
    api = FastAPI(
        title="Blog AI",
        version=version("blogai"),
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
        responses={"4XX": {"description": "The request is refused", "content": {problems.MEDIA_TYPE: {}}}},
    )
    problems.install(api)
    api.include_router(content_routes.router(runs, library, Briefs(database)), prefix=API_PREFIX)
    api.include_router(brand_routes.router(database), prefix=API_PREFIX)
    api.include_router(usage_routes.router(database), prefix=API_PREFIX)
    api.include_router(tools_routes.router(database), prefix=API_PREFIX)
    api.include_router(health_router(Health(database, providers)))
    api.include_router(metrics_router(Metrics(database)))
    return api


def create_app(settings: Settings, database: Database, providers: Providers, runs: Runs, library: Library) -> ASGIApp:
    """The whole web application, guarded."""
    from blogai import pages

    api = create_api(database, providers, runs, library)
    return LocalOnly(Split(api, pages.create(settings, database, providers, runs, library)))
