"""`blogai serve` and `blogai worker`: one process with the API, the pages, the jobs and the model beside them."""

import asyncio
import contextlib
import errno
import gc
import importlib
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from blogai.cancellation import heed
from blogai.db.database import Database
from blogai.db.startup import open_database
from blogai.errors import BlogAIError, ConfigurationError
from blogai.settings import Settings
from blogai.terminal import notices

if TYPE_CHECKING:
    from types import FrameType

    from procrastinate import Blueprint

    from blogai.content.runs import Runs
    from blogai.providers.registry import Providers

log = logging.getLogger(__name__)

FIRST_VISIT = 0.7
"""Seconds that the model and the worker wait, so that they do not compete with the first page."""


def bind(host: str, port: int) -> socket.socket:
    """Takes the address before anything is started.

    Raises:
        ConfigurationError: the port is taken or may not be used.
    """
    host = host.strip("[]")
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=2048)
        # asyncio does this only for sockets that name their protocol, which those of create_server do not; without it
        # an answer in two pieces waits 40 ms for the acknowledgement of the first
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as exc:
        reasons = {
            errno.EADDRINUSE: f"Port {port} on {host} is taken by another program",
            errno.EACCES: f"Port {port} may not be used by this user",
        }
        raise ConfigurationError(
            f"{reasons.get(exc.errno or 0, f'Cannot listen on {host} port {port}: {exc.strerror or exc}')}.",
            field="BLOGAI_PORT",
            remedy="Choose another with --port or BLOGAI_PORT; 0 takes a free one.",
        ) from exc


def address(taken: socket.socket) -> str:
    """The URL of a bound socket."""
    host, port = taken.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def blueprints() -> "list[Blueprint]":
    """The jobs of all features."""
    from blogai.brand import jobs as brand_jobs
    from blogai.content import jobs as content_jobs
    from blogai.db.operations import jobs as operations_jobs
    from blogai.usage import jobs as usage_jobs

    return [brand_jobs.tasks, content_jobs.tasks, operations_jobs.tasks, usage_jobs.tasks]


async def work(settings: Settings, database: Database, runs: "Runs") -> None:
    """Runs jobs until it is cancelled."""
    from blogai import queue

    context = {"database": database, "runs": runs, "settings": settings}
    await queue.work(database.conninfo, blueprints(), context=context)


@asynccontextmanager
async def services(settings: Settings) -> "AsyncIterator[tuple[Database, Providers, Runs]]":
    """Database, providers and runs, opened together and closed in the right order."""
    from blogai.content.runs import Runs
    from blogai.providers.registry import Providers

    async with open_database(settings) as database:
        providers = Providers(settings)
        runs = Runs(database, providers, settings)
        try:
            yield database, providers, runs
        finally:
            await runs.close()
            await providers.close()


@asynccontextmanager
async def beside(*jobs: "asyncio.Task[None]") -> AsyncIterator[None]:
    """Ends background tasks with the block."""
    try:
        yield
    finally:
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)


async def _soon(job: Coroutine[Any, Any, None]) -> None:
    """A job that leaves the first moment to the first visitor."""
    try:
        await asyncio.sleep(FIRST_VISIT)
    except asyncio.CancelledError:
        job.close()
        raise
    await job


async def _load_model(providers: "Providers") -> None:
    """Loads the embedded model beside the first visits; the state is visible in /health and on the page."""
    if providers.default == "local":
        with contextlib.suppress(BlogAIError):
            await providers.local.ready()


def _import_web() -> None:
    for module in ("blogai.app", "blogai.pages"):
        importlib.import_module(module)


async def _sweep(runs: "Runs") -> None:
    """Stores what waits in recovery files of this machine and ends dead runs, also where no worker runs beside."""
    try:
        await runs.sweep()
    except BlogAIError as error:
        log.warning("What an earlier process left cannot be looked at yet: %s", error)


async def serve(settings: Settings) -> None:
    """Serves until the process is asked to stop: by Ctrl-C, which is raised, or by a service manager.

    Raises:
        ConfigurationError: the address or the database settings do not fit.
        DatabaseUnavailable: the database cannot be reached.
    """
    main, loop = asyncio.current_task(), asyncio.get_running_loop()
    asked = False

    def stop(*_: object) -> None:
        nonlocal asked
        asked = True
        if main is not None:
            loop.call_soon_threadsafe(main.cancel)

    # Also in the middle of the start: what was started is ended. The web server has its own way with the signal while
    # it runs, see `handle_exit` below.
    signal.signal(signal.SIGTERM, stop)
    try:
        await _serve(settings)
    except asyncio.CancelledError:
        if not asked:
            raise


async def _serve(settings: Settings) -> None:
    from blogai.web.address import require_loopback

    require_loopback(settings.host)
    taken = bind(settings.host, settings.port)
    # What a start makes stays: looking for garbage in it would take a tenth of the time until the first page.
    gc.disable()
    # NiceGUI keeps files of its sessions; without this they would land in the working folder.
    os.environ.setdefault("NICEGUI_STORAGE_PATH", str(settings.data_dir / "pages"))
    # The database starts in processes of its own, meanwhile this one imports the web framework.
    web = asyncio.create_task(asyncio.to_thread(_import_web))
    async with services(settings) as (database, providers, runs):
        await web
        from blogai.app import create_app
        from blogai.content.library import Library

        application = create_app(settings, database, providers, runs, Library(database))
        tasks = [asyncio.create_task(_soon(job)) for job in (_load_model(providers), _sweep(runs))]
        if settings.embedded_worker:
            tasks.append(asyncio.create_task(_soon(work(settings, database, runs))))
        async with beside(*tasks):
            # From here on the web server has its own way with signals; one that came meanwhile is heard now.
            await asyncio.sleep(0)
            heed()
            await _listen(application, taken)


async def _listen(application: object, taken: socket.socket) -> None:
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            gc.freeze()
            gc.enable()
            if self.started:
                notices().print(f"Blog AI is ready: [bold]{address(taken)}[/]  (stop with Ctrl-C)")

        def handle_exit(self, sig: int, frame: "FrameType | None") -> None:
            # uvicorn's own raises the signal once more when it is through, and the process would end with the
            # embedded database running on
            self.force_exit = self.should_exit and sig == signal.SIGINT
            self.should_exit = True

    config = uvicorn.Config(
        application,  # type: ignore[arg-type]
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    await Server(config).serve(sockets=[taken])


async def worker(settings: Settings) -> None:
    """Runs jobs alone, beside a server in another process, until the process is asked to stop."""
    async with services(settings) as (database, _, runs):
        task = asyncio.create_task(work(settings, database, runs))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)
        notices().print("The worker is waiting for jobs (stop with Ctrl-C).")
        with contextlib.suppress(asyncio.CancelledError):
            await task
