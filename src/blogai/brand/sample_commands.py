"""`blogai voice add`: samples from files, web addresses or a paste."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from blogai.brand.terminal import Json, Slug, opened, read
from blogai.db.database import LOCAL_OWNER
from blogai.errors import BlogAIError, from_problem
from blogai.terminal import notices, print_json, run


def add(
    slug: Slug,
    sources: Annotated[list[str], typer.Argument(help="Files (txt, md, docx, html), web addresses, or - for a paste.")],
    kind: Annotated[str | None, typer.Option(help="text, blog, email, social, website or article.")] = None,
    primary: Annotated[bool, typer.Option("--primary", help="Show these to models before other samples.")] = False,
    as_json: Json = False,
) -> None:
    """Add samples to a voice. One that is refused does not stop the others."""

    async def work() -> None:
        from blogai.brand.samples import Samples
        from blogai.brand.service import Profiles

        outcomes: list[dict[str, Any]] = []
        async with opened() as database:
            profile = await Profiles(database).get(LOCAL_OWNER, slug)
            samples = Samples(database)
            for source in sources:
                try:
                    if source.startswith(("http://", "https://")):
                        (found,) = await samples.add_urls(
                            LOCAL_OWNER, profile.id, [source], content_type=kind or "website", primary=primary
                        )
                        outcomes.append(
                            {"source": source, **found.model_dump(mode="json", include={"sample", "problem"})}
                        )
                        continue
                    name, content = await asyncio.to_thread(read, source)
                    made = await samples.add_file(
                        LOCAL_OWNER,
                        profile.id,
                        name,
                        content,
                        content_type=kind or "text",
                        titled=source != "-",
                        primary=primary,
                    )
                    outcomes.append({"source": source, "sample": made.model_dump(mode="json"), "problem": None})
                except BlogAIError as exc:
                    outcomes.append({"source": source, "sample": None, "problem": exc.problem()})
        refused = [one for one in outcomes if one["problem"]]
        if as_json:
            print_json({"items": outcomes})
        else:
            for one in outcomes:
                if one["sample"]:
                    notices().print(f"Added {one['source']}: {one['sample']['word_count']} words", markup=False)
            for one in refused:
                told = str(from_problem(one["problem"]))
                name = "" if told.startswith(Path(one["source"]).name) else f"{one['source']}: "
                sys.stderr.write(f"error: {name}{told}\n")
        if refused:
            raise typer.Exit(from_problem(refused[0]["problem"]).exit_code)

    run(work())
