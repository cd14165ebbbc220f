"""`blogai write`, `history` and `show`."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from blogai.db.database import LOCAL_OWNER
from blogai.errors import InvalidInput
from blogai.settings import Settings, load_settings
from blogai.terminal import MOST_LISTED, console, notices, print_json, run, tell_of_more


def register(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    app.command("write")(write)
    app.command("history")(history)
    app.command("show")(show)


def write(
    topic: Annotated[str, typer.Argument(help="What to write about.")],
    keywords: Annotated[str, typer.Option(help="Words to work in, parted by commas.")] = "",
    tone: Annotated[str | None, typer.Option(help="informative, casual, professional, friendly ...")] = None,
    words: Annotated[int | None, typer.Option(help="Length in words.")] = None,
    provider: Annotated[str | None, typer.Option(help="Name of the text provider.")] = None,
    voice: Annotated[
        str | None, typer.Option(help="Slug of a brand voice, or `none`; the default voice when left out.")
    ] = None,
    rewrites: Annotated[int, typer.Option(help="Rounds that rewrite what is least in voice, up to 3.")] = 0,
    voice_target: Annotated[float | None, typer.Option(help="Voice score that ends the rounds, as 0.8.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the Markdown to this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object at the end.")] = False,
) -> None:
    """Write a blog post and keep it in the history.

    A terminal shows it as it is written; a pipe or a file gets the finished Markdown, title first.
    """
    inputs: dict[str, Any] = {
        "topic": topic,
        "keywords": [part for part in map(str.strip, keywords.split(",")) if part],
    }
    if tone is not None:
        inputs["tone"] = tone
    if words is not None:
        inputs["words"] = words
    if rewrites:
        inputs["rewrites"] = rewrites
    more = {"voice": voice, "voice_target": voice_target}
    inputs |= {name: value for name, value in more.items() if value is not None}
    run(_write(inputs, provider, out, as_json))


async def _write(inputs: dict[str, Any], provider: str | None, out: Path | None, as_json: bool) -> None:
    settings = load_settings()
    if out is not None:
        _check_target(out)
    from blogai.content.posts import PostRequest, operation_for

    request = PostRequest.parse(inputs)

    from blogai.brand.brief import Briefs
    from blogai.content.documents import PostDocument
    from blogai.content.runs import Runs
    from blogai.content.screen import Screen
    from blogai.content.voice_story import story
    from blogai.db.startup import open_database
    from blogai.providers.registry import Providers

    async with (
        Providers(settings) as providers,
        open_database(settings) as database,
        Runs(database, providers, settings) as runs,
    ):
        operation = await operation_for(Briefs(database), LOCAL_OWNER, request)
        started = await runs.start(LOCAL_OWNER, operation, provider=provider)
        # A pipe gets the finished post, whose title is found last; rewriting changes what a draft showed.
        streamed = sys.stdout.isatty() and not as_json and out is None and not request.rewrites
        try:
            with Screen(text=streamed) as screen:
                async for event in runs.events(LOCAL_OWNER, started.id):
                    screen.apply(event)
        except asyncio.CancelledError:  # Ctrl-C: what was whole by then is kept and charged
            await runs.close()
            if (ended := await runs.get(LOCAL_OWNER, started.id)).content_id is not None:
                notices().print(f"Kept as {ended.content_id}.")
            raise
        document = PostDocument.of(await runs.wait(LOCAL_OWNER, started.id))
        demo = providers.kind(document.provider) == "local"
    if out is not None:
        await asyncio.to_thread(out.write_text, document.content.rstrip("\n") + "\n", encoding="utf-8")
    if as_json:
        print_json(document.model_dump())
        return
    if out is None and not streamed:
        sys.stdout.write(document.content.rstrip("\n") + "\n")
    from rich.markup import escape

    seconds = document.execution_time_ms / 1000
    if document.voice is not None:
        lines = f"\nVoice {document.voice['slug']}\n" + "\n".join(f"  {line}" for line in story(document.voice))
        notices().print(lines, style="dim", markup=False, highlight=False)
    elif document.voice_problem is not None:
        told = f"\nThe voice cannot be scored: {document.voice_problem}"
        notices().print(told, style="dim", markup=False, highlight=False)
    notices().print(
        f"[bold]{escape(document.title or 'Untitled')}[/]\n"
        f"[dim]{document.words} words, {document.tokens.input + document.tokens.output} tokens, {seconds:.1f} s,"
        f" {document.provider} ({document.model})"
        f"{'; written by a small demo model' if demo else ''}. Kept as {document.id}.[/]"
    )


def _check_target(out: Path) -> None:
    """Refuses a file that could not be written, before a post is written for it."""
    if out.is_dir() or not out.absolute().parent.is_dir():
        raise InvalidInput(f"--out {out}: there is no such folder, or it is one.", field="out", remedy="Name a file.")


def history(
    search: Annotated[str | None, typer.Option(help="Words to find in titles and texts.")] = None,
    favorites: Annotated[bool, typer.Option("--favorites", "--favourites", help="Only favourites.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=MOST_LISTED, help="How many to list.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help='Print {"items": [...]}.')] = False,
) -> None:
    """List what was written, the newest first."""
    run(_history(load_settings(), search, favorites, limit, as_json))


async def _history(settings: Settings, search: str | None, favorites: bool, limit: int, as_json: bool) -> None:
    from blogai.content.library import Filter, Library
    from blogai.db.paging import longer_page
    from blogai.db.startup import open_database

    async with open_database(settings) as database:
        library, wanted = Library(database), Filter(search=search, favorites=favorites)
        page = await longer_page(
            lambda cursor, most: library.page(LOCAL_OWNER, wanted, cursor=cursor, limit=most), limit
        )
    if as_json:
        print_json(page.model_dump(mode="json"))
        return
    if not page.items:
        found = "Nothing found." if search or favorites else 'Nothing written yet. Try: blogai write "Urban beekeeping"'
        notices().print(found)
        return
    from rich.markup import escape
    from rich.table import Column, Table

    title = Column("Title", no_wrap=True, overflow="ellipsis", ratio=1)  # takes what the others leave
    written, key = Column("Written", no_wrap=True, width=16), Column("Id", no_wrap=True, width=36)
    table = Table(Column(width=1), title, written, key, box=None, pad_edge=False, expand=True)
    for item in page.items:
        table.add_row(
            "★" if item.is_favorite else "",
            escape(item.title or "(no title)"),
            f"{item.created_at.astimezone():%Y-%m-%d %H:%M}",
            str(item.id),
        )
    console().print(table)
    if page.next:
        tell_of_more()


def show(
    content_id: Annotated[str, typer.Argument(metavar="ID", help="Id from `blogai history`.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Print one text as Markdown."""
    run(_show(load_settings(), content_id, as_json))


async def _show(settings: Settings, content_id: str, as_json: bool) -> None:
    from blogai.content.library import Library
    from blogai.db.startup import open_database

    try:
        wanted = UUID(content_id)
    except ValueError:
        raise InvalidInput(
            f"{content_id!r} is not an id.", field="id", remedy="Take one from `blogai history`."
        ) from None
    async with open_database(settings) as database:
        content = await Library(database).get(LOCAL_OWNER, wanted)
    if as_json:
        print_json(content.model_dump(mode="json"))
    else:
        sys.stdout.write(content.output.rstrip("\n") + "\n")
