"""What the tests of posts share: models on a scripted server, capable or small, and a writer in memory."""

import json
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack

import pytest
from tests.support.scripted_openai import Failure, ScriptedOpenAI, Step, Text

from blogai.content.events import EventLog
from blogai.content.models import text_of
from blogai.content.writer import Writer
from blogai.providers.backoff import Backoff
from blogai.providers.link import Link
from blogai.providers.sdk import build_model, http_client
from blogai.providers.text import TextModel

HEADINGS = ("What a roof must bear", "The first colony", "Good neighbours")


def outline(headings: Sequence[str] = HEADINGS, title: str = "A working title") -> Text:
    """An outline as a capable model gives it."""
    sections = [{"heading": heading, "points": [f"a point of {heading}"]} for heading in headings]
    return Text(json.dumps({"title": title, "sections": sections}))


def meta(title: str = "Bees above the street") -> Text:
    """Title, description and tags as a capable model gives them."""
    description = "How to keep a first colony on a roof without losing the neighbours' good will."
    return Text(json.dumps({"title": title, "description": description, "tags": ["Bees", "#roofs", "bees"]}))


BODIES = (
    "A hive weighs as much as a grown man in August. Ask the owner what the roof can bear before anything else.",
    "Start with one gentle colony from a keeper nearby. Its bees know the weather, and its keeper answers the phone.",
    "Tell the people next door before the bees arrive. A jar of honey in July does more than a letter in May.",
)


class Desk:
    """A model on scripted servers, and a writer whose events can be looked at."""

    def __init__(self, servers: Sequence[tuple[str, ScriptedOpenAI]], repeats: int) -> None:
        """Args:
        servers: kind and server of the provider, then of its fallbacks.
        repeats: of a call with one of them.
        """
        self.server = servers[0][1]
        self.spare = servers[-1][1]
        self._client = http_client(10.0, local=True)
        self.log = EventLog()
        backoff = Backoff(base=0.001, cap=0.01, patience=2.0)
        chain = [self._link(name, *server) for name, server in zip(("scripted", "spare"), servers, strict=False)]
        self.model = TextModel(chain, repeats=repeats, backoff=backoff)
        self.writer = Writer(self.model, self.log)

    def _link(self, name: str, kind: str, server: ScriptedOpenAI) -> Link:
        async def build() -> object:
            return build_model(
                kind="openai-compatible",
                name=name,
                model="scripted-1",
                base_url=server.base_url,
                api_key=None,
                client=self._client,
            )

        return Link(name, kind, "scripted-1", server.base_url, "nowhere", 10.0, build)  # type: ignore[arg-type]

    async def close(self) -> None:
        await self.writer.close()
        await self._client.aclose()

    def kinds(self) -> list[str]:
        """Kinds of the events so far, each once in a row."""
        self.log.flush_text()
        kinds = [event.kind for event in self.log.events]
        return [kind for index, kind in enumerate(kinds) if index == 0 or kinds[index - 1] != kind]

    def events(self, kind: str) -> list[dict[str, object]]:
        return [event.data for event in self.log.events if event.kind == kind]

    @property
    def read(self) -> str:
        """The text that a reader has who followed the events."""
        self.log.flush_text()
        return text_of(self.log.events)

    def asked(self, number: int) -> str:
        """The request proper of a call."""
        return str(self.server.requests[number].body["messages"][-1]["content"])


MakeDesk = Callable[..., Desk]


@pytest.fixture
async def desk():  # type: ignore[no-untyped-def]
    """Makes desks: `await desk(*script, kind="local", repeats=0, spare=("openai", script))`."""
    async with AsyncExitStack() as stack:

        async def make(
            *script: Step,
            kind: str = "openai-compatible",
            repeats: int = 0,
            spare: tuple[str, tuple[Step, ...]] | None = None,
        ) -> Desk:
            servers = []
            for its_kind, steps in [(kind, script), *([spare] if spare else [])]:
                server = ScriptedOpenAI(*steps, *[Failure(500, "the script is over")] * (1 + repeats))
                servers.append((its_kind, await stack.enter_async_context(server)))
            made = Desk(servers, repeats)
            stack.push_async_callback(made.close)
            return made

        yield make
