"""`blogai voice`: create, list, show, add, train, score, default, delete."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from blogai.brand.sample_commands import add
from blogai.brand.terminal import Json, Slug, opened, read
from blogai.brand.voice.report import doubts
from blogai.db.database import LOCAL_OWNER
from blogai.errors import InvalidInput, from_problem
from blogai.terminal import MOST_LISTED, console, notices, print_json, run, tell_of_more

if TYPE_CHECKING:
    from blogai.brand.models import Profile

voice = typer.Typer(name="voice", help="Brand voices: make, train, score.", no_args_is_help=True)

Words = Annotated[str | None, typer.Option(help="Words and phrases, parted by commas.")]

REASONS = {
    "untrained": "not trained",
    "failed": "the last training failed",
    "samples-changed": "samples changed since the training",
    "older-version": "trained by another version",
}


@voice.command()
def create(
    name: Annotated[str, typer.Argument(help="Name of the voice.")],
    slug: Annotated[str | None, typer.Option(help="Short name; made from the name when left out.")] = None,
    style: Annotated[str, typer.Option(help="Writing style, as casual or formal.")] = "balanced",
    tone: Words = None,
    prefer: Words = None,
    avoid: Words = None,
    audience: Annotated[str | None, typer.Option(help="Who reads it.")] = None,
    industry: Annotated[str | None, typer.Option(help="Field of the brand.")] = None,
    default: Annotated[bool, typer.Option("--default", help="Use it for every text.")] = False,
    as_json: Json = False,
) -> None:
    """Make a brand voice."""
    inputs: dict[str, Any] = {"name": name, "writing_style": style, "is_default": default}
    lists = {"tone_keywords": tone, "preferred_words": prefer, "avoid_words": avoid}
    inputs |= {key: _words(value) for key, value in lists.items() if value is not None}
    lines = {"slug": slug, "target_audience": audience, "industry": industry}
    inputs |= {key: value for key, value in lines.items() if value is not None}

    async def work() -> None:
        from blogai.brand.service import NewProfile, Profiles

        new = NewProfile.parse(inputs)
        async with opened() as database:
            made = await Profiles(database).create(LOCAL_OWNER, new)
        if as_json:
            print_json(made.model_dump(mode="json"))
        else:
            notices().print(f"Made. Next: blogai voice add {made.slug} FILE ...")
            console().print(made.slug)

    run(work())


@voice.command(name="list")
def list_voices(
    search: Annotated[str | None, typer.Option(help="Parts of the name, in any case.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST_LISTED, help="How many to list.")] = 20,
    as_json: Json = False,
) -> None:
    """List the brand voices: the default one, then the newest first."""

    async def work() -> None:
        from blogai.brand.service import Profiles
        from blogai.db.paging import longer_page

        async with opened() as database:
            profiles = Profiles(database)
            page = await longer_page(
                lambda cursor, most: profiles.page(LOCAL_OWNER, search=search, cursor=cursor, limit=most), limit
            )
        if as_json:
            print_json(page.model_dump(mode="json"))
            return
        if not page.items:
            found = "Nothing found." if search else 'No voice yet. Try: blogai voice create "Our blog"'
            notices().print(found)
            return
        from rich.markup import escape
        from rich.table import Table

        table = Table("", box=None, pad_edge=False)
        # The slug is there to be copied: whole on one line where there is room for it, and never cut off.
        room = max(20, console().width - _OTHERS)
        slugs = min(room - 8, max(len("Voice"), *(len(item.slug) for item in page.items)))
        table.add_column("Voice", overflow="fold", width=slugs)
        table.add_column("Name", no_wrap=True, max_width=room - slugs)
        table.add_column("Samples", min_width=7)
        table.add_column("Quality", min_width=7)
        table.add_column("State", max_width=13)
        for item in page.items:
            quality = f"{item.training_quality:.2f}" if item.voice_fingerprint_id else ""
            mark = "★" if item.is_default else ""
            table.add_row(mark, item.slug, escape(item.name), str(item.sample_count), quality, _standing(item))
        console().print(table)
        if page.next:
            tell_of_more()

    run(work())


@voice.command()
def show(slug: Slug, as_json: Json = False) -> None:
    """Show a voice, its samples and what training found out."""

    async def work() -> None:
        from blogai.brand.samples import Samples
        from blogai.brand.scores import Scores
        from blogai.brand.service import Profiles

        async with opened() as database:
            profile = await Profiles(database).get(LOCAL_OWNER, slug)
            samples = await Samples(database).page(LOCAL_OWNER, profile.id, limit=100)
            found = await Scores(database).fingerprint(LOCAL_OWNER, profile.id) if profile.usable else None
        if as_json:
            print_json(
                {
                    **profile.model_dump(mode="json"),
                    "samples": samples.model_dump(mode="json")["items"],
                    "voice_summary": found.voice_summary if found else None,
                    "tone_distribution": dict(found.tone_distribution) if found else None,
                    "style_metrics": dict(found.style_metrics) if found else None,
                }
            )
            return
        from rich.markup import escape
        from rich.table import Table

        out = console()
        out.print(f"[bold]{escape(profile.name)}[/] ({profile.slug}): {_standing(profile)}")
        if found:
            quality = "; ".join([f"Training quality {found.training_quality:.2f}", *doubts(found.training_report)])
            out.print(f"{quality}. {found.voice_summary}", markup=False)
        table = Table("", box=None, pad_edge=False)
        table.add_column("Id", no_wrap=True, min_width=36)  # whole: it is there to be copied
        for name in ("Title", "Words", "Fit"):
            table.add_column(name)
        for item in samples.items:
            fit = f"{item.fit:.2f}" if item.fit is not None else ""
            mark = "★" if item.is_primary_example else ""
            table.add_row(mark, str(item.id), escape(item.label), str(item.word_count), fit)
        out.print(table)
        odd = [item.label for item in samples.items if item.analysis_result.get("consistent") is False]
        if odd:
            out.print(f"Unlike the others: {', '.join(odd)}", markup=False)

    run(work())


voice.command()(add)  # here, since the help lists commands in the order in which they come


@voice.command()
def train(slug: Slug, as_json: Json = False) -> None:
    """Train a voice on its samples, in this process."""

    async def work() -> None:
        from blogai.brand.service import Profiles
        from blogai.brand.training import Training

        async with opened() as database:
            profile = await Profiles(database).get(LOCAL_OWNER, slug)
            state = await Training(database).train_now(LOCAL_OWNER, profile.id)
        if as_json:
            print_json(state.model_dump(mode="json"))
        if state.status == "failed":
            if as_json:
                raise typer.Exit(2)
            raise from_problem({"code": "invalid-input", **(state.problem or {})})
        if not as_json:
            console().print(f"Trained on {state.sample_count} samples; training quality {state.training_quality:.2f}.")

    run(work())


@voice.command()
def score(
    slug: Slug,
    source: Annotated[str, typer.Argument(metavar="FILE", help="File with the text, or - for standard input.")] = "-",
    keep: Annotated[bool, typer.Option("--keep/--no-keep", help="Keep the score for the trend.")] = True,
    as_json: Json = False,
) -> None:
    """Score how well a text keeps to a voice, and say why."""

    async def work() -> None:
        from dataclasses import asdict

        from blogai.brand.reading import text_of_file
        from blogai.brand.scores import Scores

        text, _ = text_of_file(*await asyncio.to_thread(read, source))
        async with opened() as database:
            scored = await Scores(database).score(LOCAL_OWNER, slug, text, keep=keep)
        found = scored.assessment
        if as_json:
            print_json({"voice": scored.profile.slug, **asdict(found)})
            return
        out = console()
        weak = "  (a short text; the score is weak)" if found.weak else ""
        out.print(f"[bold]{found.overall:.2f}[/]  grade {found.feedback.grade}{weak}")
        out.print(
            f"tone {found.tone_match:.2f}  vocabulary {found.vocabulary_match:.2f}  style {found.style_match:.2f}"
            f"  ({found.words} words)"
        )
        for line in found.feedback.strengths:
            out.print(f"+ {line}", markup=False)
        for line in found.feedback.improvements:
            out.print(f"- {line}", markup=False)

    run(work())


@voice.command()
def default(
    slug: Annotated[str, typer.Argument(metavar="VOICE", help="Slug or id; `none` for no default.")],
) -> None:
    """Use a voice for every text that names no other."""

    async def work() -> None:
        from blogai.brand.service import NONE, Profiles

        async with opened() as database:
            profiles = Profiles(database)
            if slug == NONE:
                await profiles.clear_default(LOCAL_OWNER)
            else:
                await profiles.set_default(LOCAL_OWNER, (await profiles.get(LOCAL_OWNER, slug)).id)

    run(work())


@voice.command()
def delete(
    slug: Slug,
    sample: Annotated[str | None, typer.Option(help="Delete only this sample.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete a voice with its samples and scores, or one sample of it."""
    if not yes and sample is None and not typer.confirm(f"Delete {slug} with all its samples and scores?"):
        raise typer.Exit(1)

    async def work() -> None:
        from uuid import UUID

        from blogai.brand.samples import Samples
        from blogai.brand.service import Profiles

        async with opened() as database:
            profiles = Profiles(database)
            profile = await profiles.get(LOCAL_OWNER, slug)
            if sample is None:
                await profiles.delete(LOCAL_OWNER, profile.id)
                return
            try:
                sample_id = UUID(sample)
            except ValueError:
                raise InvalidInput(
                    f"{sample!r} is not an id.", field="sample", remedy="Take one from `blogai voice show`."
                ) from None
            await Samples(database).delete(LOCAL_OWNER, profile.id, sample_id)

    run(work())


_OTHERS = 1 + 7 + 7 + 13 + 5 * 2
"""Columns of the list that mark, samples, quality, state and what is between them take."""


def _standing(profile: "Profile") -> str:
    if profile.training_status in ("analyzing", "training"):
        return str(profile.training_status)
    return REASONS[profile.needs_training] if profile.needs_training else "trained"


def _words(text: str) -> list[str]:
    return [part for part in map(str.strip, text.split(",")) if part]
