"""The terminal side of a command: consoles, JSON, exit codes, errors without tracebacks."""

import asyncio
import json
import sys
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import typer

from blogai.errors import BlogAIError

if TYPE_CHECKING:
    from rich.console import Console

T = TypeVar("T")

MOST_LISTED = 10_000
"""How many rows a command lists at most."""


def console() -> "Console":
    """Standard output: results."""
    from rich.console import Console

    return Console(highlight=False)


def notices() -> "Console":
    """Standard error: progress, notices, errors."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def configure_log(level: str) -> None:
    """Log lines of the given level and above go to standard error."""
    import logging

    logging.basicConfig(level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for chatty in ("httpx", "httpx2", "httpcore", "procrastinate", "uvicorn.error"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLogger().level))


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def tell_of_more() -> None:
    """Says that a list goes on behind its last row."""
    notices().print(f"There are more; --limit lists up to {MOST_LISTED:,}.")


def fail(error: BlogAIError) -> NoReturn:
    """Prints the error as one line and ends the command with its exit code: 2 user error, 1 fault."""
    line = " ".join(str(error).split())
    sys.stderr.write(f"error: {line}\n")
    raise typer.Exit(error.exit_code)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs a command's coroutine; our errors become one line and an exit code, Ctrl-C exit code 130."""
    try:
        return asyncio.run(work)
    except BlogAIError as error:
        fail(error)
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        raise typer.Exit(130) from None
