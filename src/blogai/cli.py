"""The command line: `blogai`. Each group lives with its feature; this module only mounts them."""

import sys
from typing import Annotated

import typer

from blogai.errors import BlogAIError

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


def mount() -> typer.Typer:
    """The whole program with every group mounted."""
    return app


def main() -> None:
    """Entry point of the `blogai` program."""
    try:
        mount()()
    except BlogAIError as error:
        sys.stderr.write(f"error: {' '.join(str(error).split())}\n")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader went away (`blogai history | head`); there is nobody left to tell.
        sys.stderr.close()
        sys.exit(0)
