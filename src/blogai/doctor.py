"""`blogai doctor`: looks at everything that the program needs and says what to do about what is wrong."""

import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

from blogai.errors import BlogAIError
from blogai.settings import Settings


@dataclass(frozen=True)
class Finding:
    """What one check saw.

    Attributes:
        ok: False when something must be done; None when it is worth knowing.
    """

    check: str
    ok: bool | None
    detail: str
    remedy: str | None = None

    def as_json(self) -> dict[str, object]:
        return asdict(self)


async def _python(_: Settings) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", sys.version_info >= (3, 11), version, "Use Python 3.11 or later.")


async def _data_dir(settings: Settings) -> Finding:
    folder = settings.data_dir
    while not folder.exists():
        folder = folder.parent
    usable = os.access(folder, os.W_OK | os.X_OK)
    remedy = "Set BLOGAI_DATA_DIR to a folder that you may write to."
    return Finding("Data directory", usable, str(settings.data_dir), None if usable else remedy)


async def _database(settings: Settings) -> Finding:
    from blogai.db.database import Actor
    from blogai.db.startup import open_database

    async with open_database(settings) as database, database.transaction(Actor.service()) as conn:
        cursor = await conn.execute("select current_setting('server_version'), session_user")
        row = await cursor.fetchone()
    assert row is not None
    place = "embedded" if settings.embedded_database else "your own server"
    return Finding("Database", True, f"PostgreSQL {row[0]}, {place}, login {row[1]}, migrations applied")


async def _provider(settings: Settings) -> Finding:
    from blogai.providers.registry import Providers

    async with Providers(settings) as providers:
        model = providers.model()
        others = [name for name in providers.names() if name != model.name]
    also = f"; also there: {', '.join(others)}" if others else ""
    return Finding("Provider", True, f"{model.name} ({model.model}){also}")


async def _model(settings: Settings) -> Finding:
    from blogai.providers.registry import Providers

    async with Providers(settings) as providers:
        await providers.local.ready()
        seconds = providers.local.load_seconds or 0.0
    return Finding("Embedded model", True, f"{providers.local.model_name}, loaded in {seconds:.1f} s")


async def _port(settings: Settings) -> Finding:
    from blogai.server import bind

    try:
        bind(settings.host, settings.port).close()
    except BlogAIError as error:
        remedy = "Perhaps Blog AI runs there already; else choose another with --port."
        return Finding("Port", None, error.message, remedy)
    return Finding("Port", True, f"{settings.host} port {settings.port} is free")


CHECKS: dict[str, Callable[[Settings], Awaitable[Finding]]] = {
    "Python": _python,
    "Data directory": _data_dir,
    "Database": _database,
    "Provider": _provider,
    "Embedded model": _model,
    "Port": _port,
}


async def examine(settings: Settings) -> list[Finding]:
    """All findings, in the order of the checks; a check that fails does not stop the others."""
    findings = []
    for name, check in CHECKS.items():
        try:
            findings.append(await check(settings))
        except BlogAIError as error:
            findings.append(Finding(name, False, error.message, error.remedy))
    return findings
