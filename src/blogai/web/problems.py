"""Errors over HTTP: problem documents (RFC 9457), `application/problem+json`."""

import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from math import ceil
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse

from blogai import errors

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

TITLES = {404: "Not found", 405: "Method not allowed", 406: "Not acceptable", 413: "Too large"}


class ProblemResponse(JSONResponse):
    media_type = MEDIA_TYPE


def wait_of(error: errors.BlogAIError) -> int | None:
    """Whole seconds to wait before a repeat: `retry_after` of the details, else until `resets_at` (ISO 8601)."""
    details = error.details
    if (wait := details.get("retry_after")) is None and (resets_at := details.get("resets_at")) is not None:
        wait = ceil((datetime.fromisoformat(str(resets_at)) - datetime.now(UTC)).total_seconds())
    return None if wait is None else max(1, int(wait))


def response(error: errors.BlogAIError) -> Response:
    """The HTTP answer for one of our errors; a quota refusal says when to come back."""
    wait = wait_of(error)
    headers = {} if wait is None else {"Retry-After": str(wait)}
    # Encoded here with default=str: details carry dates and decimals.
    body = json.dumps(error.problem(), default=str, ensure_ascii=False).encode()
    return Response(body, error.status, headers=headers, media_type=MEDIA_TYPE)


def first_invalid(problems: Sequence[Any]) -> errors.InvalidInput:
    """One InvalidInput that names the first wrong field, with all of them in `errors`."""
    listed = []
    for item in problems:
        place = [str(part) for part in item["loc"] if part not in ("body", "query", "path", "header")]
        listed.append({"field": ".".join(place) or "body", "reason": str(item["msg"]).removeprefix("Value error, ")})
    first = listed[0]
    body = None
    if problems[0]["type"] == "json_invalid":
        body = f"not valid JSON: {problems[0].get('ctx', {}).get('error', 'cannot be parsed')}"
    elif tuple(problems[0]["loc"]) == ("body",):
        body = "no JSON object"
    if body is not None:
        return errors.InvalidInput(
            f"The request body is {body}.",
            field="body",
            remedy="Send one JSON object with Content-Type application/json.",
        )
    return errors.InvalidInput(
        f"{first['field']}: {first['reason']}.".replace("..", "."),
        field=first["field"],
        remedy="Correct that field and send the request again.",
        errors=listed,
    )


def install(app: FastAPI) -> None:
    """Makes every error of the JSON API a problem document, also for paths that do not exist."""

    @app.exception_handler(errors.BlogAIError)
    async def ours(request: Request, error: errors.BlogAIError) -> Response:
        if error.status >= 500:
            log.warning("%s %s: %s", request.method, request.url.path, error)
        return response(error)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        return response(first_invalid(error.errors()))

    @app.exception_handler(ValidationError)
    async def invalid_model(_: Request, error: ValidationError) -> Response:
        return response(first_invalid(error.errors()))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        title = TITLES.get(error.status_code, str(error.detail))
        if not request.url.path.startswith("/api"):
            return PlainTextResponse(f"{title}\n", error.status_code, headers=error.headers)
        members = {
            "type": "about:blank",
            "title": title,
            "status": error.status_code,
            "detail": f"{request.method} {request.url.path}: {title.lower()}.",
            "remedy": "The paths and methods of this API are listed in /openapi.json.",
        }
        return ProblemResponse(members, error.status_code, headers=dict(error.headers or {}))

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        log.exception("%s %s failed", request.method, request.url.path, exc_info=error)
        return response(errors.Fault("Something went wrong in the program; the log has the details."))
