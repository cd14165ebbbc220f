"""Maintenance by the clock. The worker's context has `database` and `settings`."""

from procrastinate import Blueprint, JobContext

from blogai.db.database import Database
from blogai.db.operations import maintenance
from blogai.db.operations.access import open_access
from blogai.errors import Fault
from blogai.settings import Settings

tasks = Blueprint()


# Looks often and finds nothing most of the time: a machine that sleeps at night is maintained by day. The queue
# makes one job of each tick, whatever number of processes there is, and the lock lets one run at a time.
@tasks.periodic(cron="*/10 * * * *")
@tasks.task(
    name="database:maintain",
    queueing_lock="database:maintain",
    lock="database:maintain",
    pass_context=True,
)
async def maintain(context: JobContext, timestamp: int) -> None:
    """Runs the tasks that are due.

    Raises:
        Fault: one of them failed, after all of them were tried; the log has the reason.
    """
    database: Database = context.additional_context["database"]
    settings: Settings = context.additional_context["settings"]
    async with open_access(settings, database) as access:
        work = maintenance.Work(access, settings)
        entries = [
            await maintenance.run(work, task) for task in await maintenance.due(access, maintenance.TASKS.values())
        ]
    failed = [f"{entry.task}: {entry.detail}" for entry in entries if entry.outcome == "failed"]
    if failed:
        raise Fault(f"Maintenance failed. {' '.join(failed)}")
