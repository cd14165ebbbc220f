"""The command line: `blogai`. Each group lives with its feature; this module only mounts them."""

import sys
from typing import Annotated, NoReturn

import typer

from blogai.errors import BlogAIError
from blogai.settings import load_settings
from blogai.terminal import configure_log, console, print_json, run

app = typer.Typer(
    name="blogai",
    help="Write in your brand's voice: posts, books and marketing copy, on your own machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"blogai {version('blogai')}")
        raise typer.Exit


@app.callback()
def options(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Options before the command."""


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; loopback only.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = None,
) -> None:
    """Serve the pages and the API, with the job worker and the embedded model beside them."""
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = load_settings(**given)
    from blogai import server

    configure_log(settings.log_level)
    run(server.serve(settings))


@app.command()
def worker() -> None:
    """Run jobs alone, beside a server in another process."""
    settings = load_settings()
    from blogai import server

    configure_log(settings.log_level)
    run(server.worker(settings))


@app.command()
def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """Check everything that the program needs, with a remedy for what is wrong."""
    settings = load_settings()
    from blogai.doctor import examine

    findings = run(examine(settings))
    healthy = all(finding.ok is not False for finding in findings)
    if as_json:
        print_json({"healthy": healthy, "checks": [finding.as_json() for finding in findings]})
    else:
        from rich.table import Table

        marks = {True: "[green]ok[/]", None: "[yellow]note[/]", False: "[red]wrong[/]"}
        table = Table("", "Check", "What was seen", box=None, pad_edge=False)
        for finding in findings:
            remedy = f"\n[dim]{finding.remedy}[/]" if finding.remedy and not finding.ok else ""
            table.add_row(marks[finding.ok], finding.check, f"{finding.detail}{remedy}")
        console().print(table)
    if not healthy:
        raise typer.Exit(1)


def mount() -> typer.Typer:
    """The whole program with every group mounted."""
    from blogai.brand import commands as brand_commands
    from blogai.content import commands as content_commands
    from blogai.db import commands as db_commands
    from blogai.usage import commands as usage_commands

    content_commands.register(app)
    usage_commands.register(app)
    app.add_typer(brand_commands.voice, name="voice")
    app.add_typer(db_commands.db, name="db")
    return app


def main() -> None:
    """Entry point of the `blogai` program."""
    try:
        sys.exit(mount()(standalone_mode=False) or 0)
    except typer.TyperException as error:
        _refuse(error)
    except typer.Abort:
        sys.stderr.write("stopped\n")
        sys.exit(1)
    except BlogAIError as error:
        sys.stderr.write(f"error: {' '.join(str(error).split())}\n")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader went away (`blogai history | head`); there is nobody left to tell.
        sys.stderr.close()
        sys.exit(0)


def _refuse(error: typer.TyperException) -> NoReturn:
    """Arguments that do not fit are told in one line, as every error of a user; a group without a command says what
    there is."""
    words = error.format_message()
    context = getattr(error, "ctx", None)
    if "\n" in words or not words:
        sys.stderr.write(words)
    else:
        remedy = f" See {context.command_path} --help." if context is not None else ""
        sys.stderr.write(f"error: {words.rstrip('.')}.{remedy}\n")
    sys.exit(error.exit_code)
