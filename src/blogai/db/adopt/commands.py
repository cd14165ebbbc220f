"""What `blogai db adopt` says and asks in the terminal."""

from dataclasses import asdict, dataclass

import typer

from blogai import terminal
from blogai.db.adopt.printing import show
from blogai.db.adopt.report import Report

_BACKUP = (
    "Back the database up first, for example: pg_dump --format=custom --file=before-adoption.dump DATABASE"
    " (docs/adopting.md tells the rest)."
)


@dataclass(frozen=True, kw_only=True)
class Question:
    """The options that decide what is shown and whether it goes on."""

    dry_run: bool
    yes: bool
    json: bool

    def agree(self, report: Report) -> bool:
        """Shows the report and the hint to a backup, and asks; a refusal ends the command."""
        if self.dry_run:
            return False
        if not self.json:
            show(report, terminal.console())
        typer.echo(_BACKUP, err=True)
        if not self.yes and not report.blocking:
            typer.confirm(f"Take {len(report.steps)} steps on the database {report.database}?", abort=True, err=True)
        return True

    def step_taken(self, step: str) -> None:
        """Says that a step is done."""
        if not self.json:
            typer.echo(f"adopted {step}")

    def answer(self, report: Report) -> None:
        """Shows the end; exit code 1 when a dry run found what only the operator can decide."""
        if self.json:
            terminal.print_json(asdict(report) | {"blocking": len(report.blocking)})
        elif not report.steps:
            typer.echo("nothing to adopt: documented migrations are all recorded here")
        elif not report.done:
            show(report, terminal.console())
            typer.echo(f"{len(report.steps)} steps to take: {', '.join(report.steps)}; nothing was changed", err=True)
        else:
            typer.echo("Adopted. `blogai db migrate` brings it up to date.", err=True)
        if report.blocking and not report.done:
            raise typer.Exit(1)
