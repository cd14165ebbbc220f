"""What the tests of providers share: settings for a scripted server, without the environment's keys, and two calls."""

from collections.abc import Callable

import pytest
from pydantic import BaseModel, Field

from blogai.providers.backoff import Backoff
from blogai.providers.registry import Providers
from blogai.providers.text import Prompt, Restart, TextModel, TextStream
from blogai.settings import ProviderSettings, Settings

QUICK = Backoff(base=0.001, cap=0.01, patience=2.0)

Configure = Callable[..., Providers]


PROMPT = Prompt(system="You plan posts.", user="An outline about bees.")
GOOD = '{"title": "Bees", "sections": ["one", "two", "three"]}'


class Outline(BaseModel):
    """The outline of a post."""

    title: str = Field(min_length=3, max_length=80)
    sections: list[str] = Field(min_length=3, max_length=5)


async def outline(model: TextModel) -> Outline:
    answer, _ = await model.structured(PROMPT, Outline)
    return answer


async def read(stream: TextStream) -> list[str | Restart]:
    async with stream as pieces:
        return [piece async for piece in pieces]


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Configure:
    """Makes providers: `configure(lab=url, spare=url, fallback_providers=("spare",), provider_retries=2)`."""
    monkeypatch.chdir("/")  # no .env of the developer's
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.delenv(name, raising=False)

    def build(*, providers: dict[str, ProviderSettings] | None = None, **options: object) -> Providers:
        entries = dict(providers or {})
        for name in [name for name, value in options.items() if isinstance(value, str) and value.startswith("http")]:
            entries[name] = ProviderSettings(
                kind="openai-compatible", model="scripted-1", base_url=str(options.pop(name))
            )
        return Providers(Settings(providers=entries, **options), environ={}, backoff=QUICK)  # type: ignore[arg-type]

    return build
