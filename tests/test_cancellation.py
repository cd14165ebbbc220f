"""A cancellation that was lost is heard in the end."""

import asyncio

import pytest

from blogai.cancellation import end, heed


async def _loses_one(repeats: int = 10_000) -> None:
    """Swallows its first cancellation, as `asyncio.wait_for` may before Python 3.12."""
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        for _ in range(repeats):
            await asyncio.sleep(0.01)


async def test_a_task_that_lost_its_cancellation_is_cancelled_again() -> None:
    quick, deaf = asyncio.create_task(asyncio.sleep(60)), asyncio.create_task(_loses_one())
    await asyncio.sleep(0)
    await end(quick, deaf)
    assert quick.cancelled()
    assert deaf.cancelled()


async def test_what_a_task_raises_stays_with_it() -> None:
    async def fail() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            raise ValueError("in the end") from None

    task = asyncio.create_task(fail())
    await asyncio.sleep(0)
    await end(task)
    assert str(task.exception()) == "in the end"


async def test_a_task_finds_out_by_itself() -> None:
    async def work() -> None:
        heed()
        await _loses_one(repeats=1)
        heed()
        pytest.fail("went on")

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait((task,))
    assert task.cancelled()
