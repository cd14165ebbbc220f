"""`blogai db maintain` and `blogai db monitor`."""

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from blogai import terminal

if TYPE_CHECKING:
    from blogai.db.operations.maintenance import Entry, Figures
    from blogai.db.operations.monitor import Report

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(db: typer.Typer) -> None:
    """Adds the commands to the group."""
    db.command()(maintain)
    db.command()(monitor)


def maintain(
    tasks: Annotated[list[str] | None, typer.Argument(help="Names of the tasks; all by default.")] = None,
    due: Annotated[bool, typer.Option("--due", help="Only those that have not run for a day, or a week.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what there is to do and do nothing.")] = False,
    json: Json = False,
) -> None:
    """Reset quotas, release reservations, archive old usage, prune the events of old runs, tidy logs, vacuum, roll
    the index of recent usage.

    What needs the owner runs where BLOGAI_OWNER_DATABASE_URL is set, or on the embedded server. Exit code 1 when a
    task failed.
    """
    if dry_run:
        found = terminal.run(_look(tasks or [], due))
        _tell_dry(found, json)
        return
    entries = terminal.run(_maintain(tasks or [], due))
    _tell(entries, json)
    if any(entry.outcome == "failed" for entry in entries):
        raise typer.Exit(1)


def monitor(
    json: Json = False,
    watch: Annotated[bool, typer.Option("--watch", help="Look again and again, until Ctrl-C.")] = False,
    threshold: Annotated[int, typer.Option(min=1, help="Units left at which a user is close to the quota.")] = 5,
    interval: Annotated[float, typer.Option(min=0.1, help="Seconds between two looks of --watch.")] = 5.0,
    limit: Annotated[int, typer.Option(min=1, help="Most rows of a table.")] = 20,
) -> None:
    """Show quotas, revenue, failures, sizes and maintenance, with warnings first."""
    terminal.run(_monitor(json, watch, threshold, interval, limit))


async def _look(names: list[str], only_due: bool) -> "dict[str, Figures]":
    from blogai.db.operations import maintenance
    from blogai.db.operations.access import open_access
    from blogai.settings import load_settings

    tasks, settings = maintenance.chosen(names), load_settings()
    async with open_access(settings) as access:
        work = maintenance.Work(access, settings)
        if only_due:
            tasks = await maintenance.due(access, tasks)
        return {task.name: await maintenance.look(work, task) for task in tasks}


async def _maintain(names: list[str], only_due: bool) -> "list[Entry]":
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from blogai.db.operations import maintenance
    from blogai.db.operations.access import open_access
    from blogai.settings import load_settings

    tasks, settings = maintenance.chosen(names), load_settings()
    entries = []
    async with open_access(settings) as access:
        if only_due:
            tasks = await maintenance.due(access, tasks)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        console = terminal.notices()
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
            overall = bars.add_task("maintenance", total=len(tasks))
            for task in tasks:
                bar = bars.add_task(task.name, total=None)

                def tell(done: int, total: int, bar: Any = bar) -> None:
                    bars.update(bar, completed=done, total=total)

                work = maintenance.Work(access, settings, tell)
                entries.append(await maintenance.run(work, task))
                bars.remove_task(bar)
                bars.advance(overall)
    return entries


async def _monitor(json: bool, watch: bool, threshold: int, interval: float, limit: int) -> None:
    from rich.live import Live

    from blogai.db.operations import monitor, monitor_tables
    from blogai.db.operations.access import open_access
    from blogai.settings import load_settings

    async with open_access(load_settings()) as access:

        async def look() -> "Report":
            async with access.begin() as conn:
                return await monitor.report(conn, threshold=threshold, limit=limit)

        console = terminal.console()
        if json or not watch or not console.is_terminal or console.is_dumb_terminal:  # else nothing could be redrawn
            while True:
                seen = await look()
                if json:
                    terminal.print_json(asdict(seen))
                else:
                    console.print(monitor_tables.render(seen))
                if not watch:
                    return
                await asyncio.sleep(interval)
        with Live(monitor_tables.render(await look()), console=console, auto_refresh=False) as live:
            while True:
                await asyncio.sleep(interval)
                live.update(monitor_tables.render(await look()), refresh=True)


def _figures(figures: "Figures") -> str:
    return ", ".join(f"{name.replace('_', ' ')} {number:,}" for name, number in figures.items())


def _tell(entries: "list[Entry]", json: bool) -> None:
    if json:
        terminal.print_json({"tasks": [asdict(entry) for entry in entries]})
        return
    if not entries:
        typer.echo("nothing is due")
        return
    from rich.table import Table

    table = Table("task", "result", "figures", box=None, pad_edge=False, header_style="bold")
    table.add_column("s", justify="right")
    colours = {"done": "green", "not done": "yellow", "failed": "red"}
    for entry in entries:
        told = entry.detail or _figures(entry.figures)
        table.add_row(entry.task, f"[{colours[entry.outcome]}]{entry.outcome}[/]", told, f"{entry.seconds:.2f}")
    terminal.console().print(table)


def _tell_dry(found: "dict[str, Figures]", json: bool) -> None:
    if json:
        terminal.print_json({"would_do": found})
        return
    for name, figures in found.items():
        typer.echo(f"{name}: {_figures(figures)}")
    typer.echo("nothing was changed" if found else "nothing is due", err=True)
