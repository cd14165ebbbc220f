"""Jobs of metering: expired reservations give their units back."""

from procrastinate import Blueprint, JobContext

from blogai.db.database import Actor, Database
from blogai.usage import service

tasks = Blueprint()


@tasks.periodic(cron="* * * * *")
@tasks.task(name="usage:sweep_reservations", queueing_lock="usage:sweep_reservations", pass_context=True)
async def sweep_reservations(context: JobContext, timestamp: int) -> int:
    """Every minute: how many reservations were given back."""
    database: Database = context.additional_context["database"]
    async with database.transaction(Actor.service()) as conn:
        return await service.sweep(conn)
