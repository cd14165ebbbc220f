"""The command group `blogai db`: what an operator does to the schema."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from blogai import terminal
from blogai.db.migrate import Limits, Step
from blogai.db.operations import commands as operations
from blogai.errors import ConfigurationError, Conflict, InvalidInput

db = typer.Typer(
    name="db", help="The database: migrations, roll-back, checks, logins, maintenance.", no_args_is_help=True
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
LockTimeout = Annotated[float, typer.Option(min=0, help="Seconds to wait for a table that others use; 0 for ever.")]
StatementTimeout = Annotated[float, typer.Option(min=0, help="Seconds that one file may take; 0 for ever.")]
Wait = Annotated[float, typer.Option(min=0, help="Seconds to wait for another `blogai db`; 0 for ever.")]

_DEFAULTS = Limits()


@asynccontextmanager
async def owner() -> AsyncIterator[str]:
    """The DSN of the owner: BLOGAI_OWNER_DATABASE_URL, else that of the embedded server, which runs meanwhile.

    Raises:
        ConfigurationError: only the runtime login is known.
    """
    from blogai.settings import load_settings  # takes as long to load as all the rest here

    settings = load_settings()
    if settings.owner_database_url:
        yield settings.owner_database_url.get_secret_value()
    elif settings.database_url:
        raise ConfigurationError(
            "The db commands need the login that owns the schema.",
            field="owner_database_url",
            remedy="Set BLOGAI_OWNER_DATABASE_URL; the runtime login of BLOGAI_DATABASE_URL may not change the schema.",
        )
    else:
        from blogai.db.startup import embedded_server

        async with embedded_server(settings) as server:
            yield server.owner_dsn()


@db.command()
def migrate(
    to: Annotated[
        int | None, typer.Option(min=0, help="Number of the last migration to apply; all by default.")
    ] = None,
    lock_timeout: LockTimeout = _DEFAULTS.lock,
    statement_timeout: StatementTimeout = _DEFAULTS.statement,
    wait: Wait = _DEFAULTS.runner,
    json: Json = False,
) -> None:
    """Apply the migrations that are missing."""
    from blogai.db import migrate as runner

    async def work() -> list[str]:
        limits = Limits(runner=wait, lock=lock_timeout, statement=statement_timeout)
        async with owner() as dsn:
            return await runner.migrate(dsn, to, limits=limits)

    _tell(terminal.run(work()), "applied", "nothing to apply", json)


@db.command()
def adopt(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what is there and what would happen.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    user_hash_sql: Annotated[
        str | None, typer.Option(metavar="EXPR", help="SQL over user_id that gives the user_hash of old rows.")
    ] = None,
    user_hash_map: Annotated[
        Path | None, typer.Option(metavar="FILE", help="CSV or JSON that gives the user id of each old user_hash.")
    ] = None,
    lock_timeout: LockTimeout = _DEFAULTS.lock,
    statement_timeout: StatementTimeout = _DEFAULTS.statement,
    wait: Wait = _DEFAULTS.runner,
    json: Json = False,
) -> None:
    """Take over a live database of the documented schema; `migrate` then brings it up to date."""
    from blogai.db.adopt.commands import Question
    from blogai.db.adopt.owners import Owners, from_file
    from blogai.db.adopt.report import Report
    from blogai.db.adopt.service import adopt as take_over

    question = Question(dry_run=dry_run, yes=yes, json=json)

    async def work() -> Report:
        if user_hash_sql is not None and user_hash_map is not None:
            raise InvalidInput(
                "--user-hash-sql and --user-hash-map exclude each other.", field="user_hash_map", remedy="Give one."
            )
        known = Owners(expression=user_hash_sql) if user_hash_sql is not None else None
        known = from_file(user_hash_map) if user_hash_map is not None else known
        limits = Limits(runner=wait, lock=lock_timeout, statement=statement_timeout)
        async with owner() as dsn:
            return await take_over(
                dsn, agree=question.agree, known=known, limits=limits, step_taken=question.step_taken
            )

    question.answer(terminal.run(work()))


@db.command()
def rollback(
    to: Annotated[str, typer.Option(metavar="N|base", help="Undo every migration numbered above N; base undoes all.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    lock_timeout: LockTimeout = _DEFAULTS.lock,
    statement_timeout: StatementTimeout = _DEFAULTS.statement,
    wait: Wait = _DEFAULTS.runner,
    json: Json = False,
) -> None:
    """Undo migrations, newest first. The data in what they made goes with them."""
    from blogai.db import migrate as runner
    from blogai.db.scripts import number_of

    async def work() -> list[str]:
        limits = Limits(runner=wait, lock=lock_timeout, statement=statement_timeout)
        target = _target(to)
        async with owner() as dsn:
            if not yes:
                steps = await runner.status(dsn)
                doomed = [s.id for s in steps if s.applied_at and (target is None or number_of(s.id) > target)]
                if doomed:
                    typer.echo(f"This undoes {', '.join(reversed(doomed))}, with all data in them.", err=True)
                    typer.confirm("Go on?", abort=True, err=True)
            return await runner.rollback(dsn, target, limits=limits)

    _tell(terminal.run(work()), "undone", "nothing to undo", json)


@db.command()
def status(json: Json = False) -> None:
    """List the migrations and which of them are applied."""
    from blogai.db import migrate as runner

    async def work() -> list[Step]:
        async with owner() as dsn:
            return await runner.status(dsn)

    _table(terminal.run(work()), json)


@db.command()
def verify(json: Json = False) -> None:
    """Run the verify script of every applied migration and compare the checksums; exit code 1 when one fails."""
    from blogai.db import migrate as runner

    async def work() -> list[Step]:
        async with owner() as dsn:
            return await runner.verify(dsn)

    steps = terminal.run(work())
    _table(steps, json)
    if any(step.problem for step in steps):
        raise typer.Exit(1)
    applied = sum(step.state == "applied" for step in steps)
    terminal.notices().print(f"{applied} of {len(steps)} applied, and all of them are as they should be")


@db.command()
def schema(
    write: Annotated[bool, typer.Option("--write", help="Write src/blogai/db/schema.sql.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Compare with that file; exit code 2 when it differs.")
    ] = False,
) -> None:
    """Print the schema that the migrations make, dumped on an embedded server of its own."""
    from blogai.db import dump

    text = terminal.run(dump.dump())
    if check:
        try:
            dump.check(text)
        except Conflict as error:
            sys.stderr.write("\n".join(error.details["difference"]) + "\n")
            terminal.fail(error)
    elif write:
        dump.SCHEMA.write_text(text, encoding="utf-8")
        typer.echo(f"wrote {dump.SCHEMA}", err=True)
    else:
        sys.stdout.write(text)


@db.command()
def audit(
    dsn: Annotated[
        str | None, typer.Argument(help="Login of the owner of the database to audit; this installation by default.")
    ] = None,
    json: Json = False,
) -> None:
    """Play a hostile tenant against every table and function; exit code 1 when it gets anywhere.

    All of it happens in one transaction that is rolled back. It locks each table for moments.
    """
    from blogai.db import audit as auditor
    from blogai.db.audit.printing import print_report

    async def work() -> auditor.Report:
        if dsn is not None:
            return await auditor.audit(dsn)
        async with owner() as own:
            return await auditor.audit(own)

    report = terminal.run(work())
    if json:
        terminal.print_json(asdict(report))
    else:
        print_report(report, terminal.console())
    if report.findings or report.not_seeded:
        raise typer.Exit(1)


@db.command("create-login")
def create_login(
    name: Annotated[str, typer.Argument(help="Name of the new login.")],
    json: Json = False,
) -> None:
    """Make the login that the program runs with. Its password is shown this once."""
    from blogai.db import login

    async def work() -> login.Login:
        async with owner() as dsn:
            return await login.create_login(dsn, name)

    made = terminal.run(work())
    if json:
        terminal.print_json({"name": made.name, "password": made.password, "url": made.url})
        return
    typer.echo(f"Made the login {made.name}. Keep this line; the password is shown only this once:", err=True)
    typer.echo(f"BLOGAI_DATABASE_URL={made.url}")


operations.register(db)


def _target(to: str) -> int | None:
    if to == "base":
        return None
    if not to.isascii() or not to.isdigit():
        raise InvalidInput(f"--to {to} is no number.", field="to", remedy="Give the number of a migration, or base.")
    return int(to)


def _tell(ids: list[str], verb: str, nothing: str, json: bool) -> None:
    if json:
        terminal.print_json({verb: ids})
        return
    for migration_id in ids:
        typer.echo(f"{verb} {migration_id}")
    if not ids:
        typer.echo(nothing)


def _table(steps: list[Step], json: bool) -> None:
    if json:
        terminal.print_json({"migrations": [asdict(step) for step in steps]})
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("migration", "state", "applied", "by"):
        table.add_column(heading)
    table.add_column("ms", justify="right")
    if any(step.problem for step in steps):
        table.add_column("problem", overflow="fold")
    for step in steps:
        table.add_row(
            step.id,
            step.state,
            f"{step.applied_at:%Y-%m-%d %H:%M}" if step.applied_at else "",
            step.applied_by or "",
            "" if step.duration_ms is None else str(step.duration_ms),
            *([step.problem] if step.problem else []),
        )
    terminal.console().print(table)
