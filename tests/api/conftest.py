"""The whole API in this process: real database, real pipeline, a scripted provider on loopback."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from tests.support.scripted_openai import ScriptedOpenAI

from blogai.app import create_api
from blogai.content.library import Library
from blogai.content.runs import Runs
from blogai.db.database import Database
from blogai.providers.registry import Providers
from blogai.settings import ProviderSettings, Settings
from blogai.web.guard import LocalOnly


@pytest.fixture
async def provider() -> AsyncIterator[ScriptedOpenAI]:
    """The provider, which writes prose of its own unless a test gives it a script."""
    async with ScriptedOpenAI(words=60) as server:
        yield server


@pytest.fixture
def settings(provider: ScriptedOpenAI, tmp_path: Path) -> Settings:
    scripted = ProviderSettings(
        kind="openai-compatible", model="scripted-1", base_url=provider.base_url, api_key=SecretStr("key-of-the-test")
    )
    return Settings(
        data_dir=tmp_path,
        providers={"scripted": scripted},
        default_provider="scripted",
        provider_retries=1,
        provider_timeout=5,
    )


@pytest.fixture
async def runs(database: Database, settings: Settings) -> AsyncIterator[Runs]:
    async with Providers(settings) as providers, Runs(database, providers, settings) as opened:
        yield opened


@pytest.fixture
async def client(database: Database, settings: Settings, runs: Runs) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the guarded API."""
    async with Providers(settings) as providers:
        api = LocalOnly(create_api(database, providers, runs, Library(database)))
        transport = httpx.ASGITransport(app=api)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", timeout=60) as opened:
            yield opened
