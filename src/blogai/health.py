"""Is the service able to work? For load balancers, for people, for `blogai doctor`."""

from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from blogai.db.database import Actor, Database
from blogai.db.migrate import pending
from blogai.errors import BlogAIError
from blogai.providers.registry import Providers


class HealthReport(BaseModel):
    """What works and what does not."""

    status: Literal["ok", "unavailable"]
    database: Literal["ok", "unavailable"]
    migrations: Literal["ok", "pending", "unknown"]
    model: Literal["idle", "loading", "ready", "failed", "remote"]
    """State of the embedded model, or `remote` when the default provider is another."""
    detail: str | None = None


@dataclass(frozen=True)
class Health:
    """Looks at the database, the migrations and the model."""

    database: Database
    providers: Providers

    async def report(self) -> HealthReport:
        model = self.providers.local.state if self.providers.default == "local" else "remote"
        try:
            async with self.database.transaction(Actor.service()) as conn:
                missing = await pending(conn)
        except BlogAIError as error:
            return HealthReport(
                status="unavailable", database="unavailable", migrations="unknown", model=model, detail=str(error)
            )
        if missing:
            return HealthReport(
                status="unavailable",
                database="ok",
                migrations="pending",
                model=model,
                detail=f"{len(missing)} migrations are not applied; run `blogai db migrate`.",
            )
        return HealthReport(status="ok", database="ok", migrations="ok", model=model)


def router(health: Health) -> APIRouter:
    """GET /health: 200 once database and migrations are good, else 503."""
    api = APIRouter(tags=["service"])

    @api.get("/health", responses={503: {"model": HealthReport}})
    async def get_health(response: Response) -> HealthReport:
        report = await health.report()
        if report.status != "ok":
            response.status_code = 503
        return report

    return api
