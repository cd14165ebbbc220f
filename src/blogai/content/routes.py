"""HTTP: posts, runs and their events, the library of what was written."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from blogai.brand.brief import Briefs
from blogai.content.documents import PostDocument
from blogai.content.library import Content, Filter, Library, Summary, Version
from blogai.content.models import Event, Run
from blogai.content.posts import PostOperation, PostRequest, operation_for
from blogai.content.runs import Runs
from blogai.db.database import Actor
from blogai.db.paging import Page
from blogai.errors import InvalidInput
from blogai.web.actor import current_actor
from blogai.web.sse import EventStream, after

Caller = Annotated[Actor, Depends(current_actor)]
IdempotencyKey = Annotated[
    str | None,
    Header(
        description="The same key with the same request gives the same post, charged once; after a failure another try."
    ),
]


class PostBody(PostRequest):
    """What to write, and with which provider."""

    provider: str | None = Field(default=None, description="Name of the provider; the default one when left out.")


POST_SCHEMA: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": PostBody.model_json_schema()}}}
}
"""The body is parsed by the request itself, whose errors name the remedy; the schema is told here."""


_EVENTS: dict[str, Any] = {"text/event-stream": {"schema": {"type": "string"}}}


class Edit(BaseModel):
    """What to change; what is left out stays."""

    model_config = ConfigDict(extra="forbid")
    title: str | None = None
    output: str | None = None
    expected: datetime | None = Field(
        default=None, description="`updated_at` of what you have seen; refused when it was changed since."
    )


class Deleted(BaseModel):
    """Until when a deletion can be taken back."""

    restorable_until: datetime


class Favourite(BaseModel):
    """Whether a text is marked."""

    model_config = ConfigDict(extra="forbid")
    is_favorite: bool


def wants_events(request: Request) -> bool:
    """True when the client asks for an event stream rather than for JSON."""
    return "text/event-stream" in request.headers.get("accept", "")


def router(runs: Runs, library: Library, briefs: Briefs) -> APIRouter:
    """The routes below /api/v1 that write, follow and keep texts."""
    api = APIRouter()
    _posts(api, runs, briefs)
    _runs(api, runs)
    _content(api, library)
    return api


def _posts(api: APIRouter, runs: Runs, briefs: Briefs) -> None:
    @api.post(
        "/posts",
        status_code=201,
        tags=["posts"],
        response_model=PostDocument,
        openapi_extra=POST_SCHEMA,
        responses={
            200: {"description": "Its events as they happen, where those are asked for", "content": _EVENTS},
            201: {"description": "The post"},
            202: {"description": "Begun; follow the Location", "model": Run},
        },
    )
    async def create_post(
        request: Request,
        response: Response,
        body: Annotated[dict[str, Any], Body()],
        actor: Caller,
        idempotency_key: IdempotencyKey = None,
        prefer: Annotated[str | None, Header(description="respond-async answers at once with the run.")] = None,
    ) -> Any:
        """Writes a blog post. With `Accept: text/event-stream` the answer is the run's events."""
        provider = body.pop("provider", None)
        if provider is not None and not isinstance(provider, str):
            raise InvalidInput("provider is not text.", field="provider", remedy="Give the name of a provider.")
        plain = PostOperation(PostRequest.parse(body))
        # The key first: the voice that the run had may be another by now, or gone.
        run = await runs.known(actor, plain, provider, idempotency_key, plain.asked)
        if run is None:
            operation = await operation_for(briefs, actor, plain.request)
            run = await runs.start(
                actor, operation, provider=provider, idempotency_key=idempotency_key, asked=plain.asked
            )
        location = f"/api/v1/runs/{run.id}"
        if wants_events(request):
            return EventStream(runs.events(actor, run.id), headers={"Location": location})
        response.headers["Location"] = location
        if prefer is not None and "respond-async" in prefer:
            response.status_code = 202
            return Response(run.model_dump_json(), 202, headers={"Location": location}, media_type="application/json")
        return PostDocument.of(await runs.wait(actor, run.id))


def _runs(api: APIRouter, runs: Runs) -> None:
    @api.get("/runs/{run_id}", tags=["runs"])
    async def get_run(run_id: UUID, actor: Caller) -> Run:
        """The run as it stands."""
        return await runs.get(actor, run_id)

    @api.get("/runs/{run_id}/events", tags=["runs"], response_class=EventStream)
    async def get_run_events(
        run_id: UUID, actor: Caller, last_event_id: Annotated[str | None, Header()] = None
    ) -> EventStream:
        """The events of the run from the one after Last-Event-ID on, until it is over."""
        begin = after(last_event_id)
        events = runs.events(actor, run_id, begin)
        # The first step decides between 404 and a stream.
        return EventStream(await _begun(events))

    @api.delete("/runs/{run_id}", tags=["runs"], status_code=202)
    async def cancel_run(run_id: UUID, actor: Caller) -> Run:
        """Asks the run to stop. What was written is kept."""
        return await runs.cancel(actor, run_id)


async def _begun(events: AsyncIterator[Event]) -> AsyncIterator[Event]:
    """The same events, with the first already taken, so that an error comes before the answer begins."""
    try:
        first = await anext(events)
    except StopAsyncIteration:
        return _nothing()
    return _with_first(first, events)


async def _nothing() -> AsyncIterator[Event]:
    return
    yield


async def _with_first(first: Event, events: AsyncIterator[Event]) -> AsyncIterator[Event]:
    yield first
    async for event in events:
        yield event


def _content(api: APIRouter, library: Library) -> None:
    @api.get("/content", tags=["content"])
    async def list_content(
        actor: Caller,
        q: Annotated[
            str | None, Query(max_length=500, description='Words in title or text; "a phrase", -not, or.')
        ] = None,
        favorite: Annotated[bool, Query(description="Only favourites.")] = False,
        tool: Annotated[str | None, Query(max_length=100, description="Only this tool.")] = None,
        provider: Annotated[str | None, Query(max_length=100, description="Only this provider.")] = None,
        since: Annotated[datetime | None, Query(description="Written then or later.")] = None,
        until: Annotated[datetime | None, Query(description="Written before then.")] = None,
        cursor: Annotated[str | None, Query(max_length=200, description="`next` of the page before.")] = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> Page[Summary]:
        """What was written, the newest first."""
        chosen = Filter(search=q, favorites=favorite, tool_id=tool, provider=provider, since=since, until=until)
        try:
            return await library.page(actor, chosen, cursor=cursor, limit=limit)
        except InvalidInput as error:
            error.field = {"search": "q", "tool_id": "tool"}.get(error.field or "", error.field)
            raise

    @api.get("/content/{content_id}", tags=["content"])
    async def get_content(content_id: UUID, actor: Caller) -> Content:
        """One text with all that is known of it."""
        return await library.get(actor, content_id)

    @api.get("/content/{content_id}/versions", tags=["content"])
    async def list_versions(content_id: UUID, actor: Caller) -> list[Version]:
        """The text as it was before each edit, the newest first."""
        return await library.versions(actor, content_id)

    @api.patch("/content/{content_id}", tags=["content"])
    async def edit_content(content_id: UUID, edit: Edit, actor: Caller) -> Content:
        """Changes title or text; the version before is kept."""
        return await library.edit(actor, content_id, title=edit.title, output=edit.output, expected=edit.expected)

    @api.put("/content/{content_id}/favorite", tags=["content"])
    async def set_favorite(content_id: UUID, body: Favourite, actor: Caller) -> Favourite:
        """Marks a text as favourite, or no longer."""
        return Favourite(is_favorite=await library.set_favorite(actor, content_id, body.is_favorite))

    @api.delete("/content/{content_id}", tags=["content"])
    async def delete_content(content_id: UUID, actor: Caller) -> Deleted:
        """Deletes a text; it can be restored for some time."""
        return Deleted(restorable_until=await library.delete(actor, content_id))

    @api.post("/content/{content_id}/restore", tags=["content"])
    async def restore_content(content_id: UUID, actor: Caller) -> Content:
        """Takes a deletion back."""
        return await library.restore(actor, content_id)
