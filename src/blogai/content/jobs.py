"""What the worker does for content by the clock. Its context has `runs` and `database`."""

from typing import TYPE_CHECKING

from procrastinate import Blueprint

from blogai.content.library import Library

if TYPE_CHECKING:
    from procrastinate import JobContext

tasks = Blueprint()


@tasks.periodic(cron="* * * * *")
@tasks.task(name="content:sweep", pass_context=True, queueing_lock="content:sweep")
async def sweep(context: "JobContext", timestamp: int) -> None:
    """Ends runs whose process died; stores what waits in recovery files."""
    await context.additional_context["runs"].sweep()


@tasks.periodic(cron="17 3 * * *")
@tasks.task(name="content:purge", pass_context=True, queueing_lock="content:purge")
async def purge(context: "JobContext", timestamp: int) -> None:
    """Removes deleted content that can no longer be restored."""
    await Library(context.additional_context["database"]).purge()
