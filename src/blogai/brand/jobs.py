"""What the worker does for brand voices. Its context has the `database`."""

from typing import TYPE_CHECKING
from uuid import UUID

from procrastinate import Blueprint, RetryStrategy

from blogai.brand.training import TASK, Training
from blogai.errors import DatabaseUnavailable

if TYPE_CHECKING:
    from procrastinate import JobContext

tasks = Blueprint()


@tasks.task(
    name=TASK,
    pass_context=True,
    retry=RetryStrategy(max_attempts=5, exponential_wait=3, retry_exceptions=[DatabaseUnavailable]),
)
async def train(context: "JobContext", profile_id: str) -> None:
    """Trains one profile on its samples."""
    await Training(context.additional_context["database"]).carry_out(UUID(profile_id))
