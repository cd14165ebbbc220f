"""The server that benchmarks.pipeline measures: the real API, and beside it the endpoint of one INSERT.

python -m benchmarks.pipeline_server DSN OWNER_DSN PROVIDER_URL FOLDER    prints its port
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from psycopg_pool import AsyncConnectionPool
from pydantic import SecretStr
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from tests.content.operations import OneCall

from blogai.app import create_api
from blogai.content.library import Library
from blogai.content.runs import Runs
from blogai.db.database import LOCAL_OWNER, Database
from blogai.providers.registry import Providers
from blogai.server import bind
from blogai.settings import ProviderSettings, Settings
from blogai.web.guard import LocalOnly

INSERT = """
insert into public.generated_content (tool_id, inputs, title, output, user_hash)
values ('yardstick', %s, %s, '- queen - drone - worker', %s) returning id
"""


async def words(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
    return ModelResponse(parts=[TextPart('{"words": ["queen", "drone", "worker"]}')])


def add_yardsticks(api: FastAPI, database: Database, pool: "AsyncConnectionPool[Any]", runs: Runs) -> None:
    """Endpoints of one INSERT, by the caller with row level security and by the owner without anything, and an
    operation of one call to a model in this process."""

    @api.post("/one-insert", status_code=201)
    async def one_insert(request: Request) -> dict[str, str]:
        body = await request.json()
        async with database.transaction(LOCAL_OWNER) as conn:
            cursor = await conn.execute(INSERT, [json.dumps(body), body["topic"], LOCAL_OWNER.user_hash])
            row = await cursor.fetchone()
        assert row is not None
        return {"id": str(row[0])}

    @api.post("/bare-insert", status_code=201)
    async def bare_insert(request: Request) -> dict[str, str]:
        body = await request.json()
        async with pool.connection() as conn:
            cursor = await conn.execute(INSERT, [json.dumps(body), body["topic"], LOCAL_OWNER.user_hash])
            row = await cursor.fetchone()
        assert row is not None
        return {"id": str(row[0])}

    @api.post("/one-call", status_code=201)
    async def one_call(request: Request) -> dict[str, str]:
        body = await request.json()
        run = await runs.start(LOCAL_OWNER, OneCall(body["topic"]), provider="function")
        ended = await runs.wait(LOCAL_OWNER, run.id)
        assert ended.status == "finished", ended.error
        return {"id": str(ended.content_id), "output": ended.output or ""}


async def main(dsn: str, owner_dsn: str, provider: str, folder: str) -> None:
    entry = ProviderSettings(kind="openai-compatible", model="scripted-1", base_url=provider, api_key=SecretStr("none"))
    settings = Settings(data_dir=Path(folder), providers={"scripted": entry}, default_provider="scripted")
    async with (
        Database(dsn) as database,
        Providers(settings, environ={}, models={"function": FunctionModel(words)}) as providers,
        Runs(database, providers, settings) as runs,
        AsyncConnectionPool[Any](owner_dsn, min_size=1, max_size=10, open=False) as pool,
    ):
        api = create_api(database, providers, runs, Library(database))
        add_yardsticks(api, database, pool, runs)
        taken = bind("127.0.0.1", 0)
        print(taken.getsockname()[1], flush=True)
        config = uvicorn.Config(LocalOnly(api), log_level="error", access_log=False, lifespan="off")
        await uvicorn.Server(config).serve(sockets=[taken])


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
