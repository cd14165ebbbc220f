"""Anthropic and Google answer in their own formats; we play those formats back and look at what comes out."""

import json
from decimal import Decimal

import pytest
from pydantic import SecretStr
from tests.providers.conftest import GOOD, PROMPT, Configure, Outline, outline, read
from tests.support.scripted_openai import Failure, Raw, ScriptedOpenAI, Silence

from blogai import errors
from blogai.providers.registry import Providers
from blogai.providers.text import Options
from blogai.settings import DEFAULT_MODELS, ProviderSettings, Settings


def anthropic_message() -> bytes:
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": DEFAULT_MODELS["anthropic"],
        "content": [{"type": "text", "text": GOOD}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 20, "output_tokens": 30},
    }
    return json.dumps(message).encode()


def anthropic_stream() -> bytes:
    begun = json.loads(anthropic_message()) | {"content": [], "stop_reason": None}
    begun["usage"] = {"input_tokens": 20, "output_tokens": 1}
    events = [
        {"type": "message_start", "message": begun},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Bees "}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "fly."}},
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": 30},
        },
        {"type": "message_stop"},
    ]
    return "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events).encode()


def google_part(text: str, *, last: bool) -> dict[str, object]:
    candidate: dict[str, object] = {"content": {"role": "model", "parts": [{"text": text}]}, "index": 0}
    if last:
        candidate["finishReason"] = "STOP"
    return {
        "candidates": [candidate],
        "modelVersion": DEFAULT_MODELS["google"],
        "responseId": "r1",
        "usageMetadata": {"promptTokenCount": 20, "candidatesTokenCount": 30, "totalTokenCount": 50},
    }


def google_stream() -> bytes:
    parts = (google_part("Bees ", last=False), google_part("fly.", last=True))
    return "".join(f"data: {json.dumps(part)}\n\n" for part in parts).encode()


SCRIPTS = {
    "anthropic": (Raw(anthropic_message()), Raw(anthropic_stream(), "text/event-stream")),
    "google": (
        Raw(json.dumps(google_part(GOOD, last=True)).encode()),
        Raw(google_stream(), "text/event-stream"),
    ),
}


@pytest.mark.parametrize("kind", ["anthropic", "google"])
async def test_answers_streams_and_counts(kind: str) -> None:
    async with ScriptedOpenAI(*SCRIPTS[kind]) as server:
        entry = ProviderSettings(
            kind=kind,  # type: ignore[arg-type]
            base_url=server.base_url.removesuffix("/v1"),
            api_key=SecretStr("secret"),
        )
        async with Providers(Settings(providers={"cloud": entry}), environ={}) as providers:
            model = providers.model()
            assert model.name == "cloud"
            options = Options(max_tokens=100, seed=1, extra={"min_p": 0.1})
            answer, tokens = await model.structured(PROMPT, Outline, options)
            async with model.stream(PROMPT, options) as pieces:
                written = [piece async for piece in pieces]
    assert answer.title == "Bees"
    assert written == ["Bees ", "fly."]
    for counted in (tokens, pieces.tokens):
        assert (counted.input, counted.output, counted.estimated) == (20, 30, False)
        assert isinstance(counted.cost_usd, Decimal)
        assert 0 < counted.cost_usd < 1
    asked = json.dumps(server.requests[0].body)
    assert "You plan posts." in asked
    assert "sections" in asked  # the schema is sent, so the provider is bound to it
    assert "min_p" not in asked
    headers = server.requests[0].headers
    assert "secret" in (headers.get("x-goog-api-key"), headers.get("authorization", "").removeprefix("Bearer "))


@pytest.mark.parametrize("kind", ["openai", "anthropic", "google"])
@pytest.mark.parametrize(
    ("step", "error"),
    [
        (Failure(401), errors.ProviderRejected),
        (Failure(500), errors.ProviderUnavailable),
        (Failure(429), errors.ProviderOverloaded),
        (Silence(), errors.ProviderTimeout),
    ],
    ids=["key rejected", "5xx", "429", "slow"],
)
async def test_every_kind_maps_its_faults(
    configure: Configure, kind: str, step: Failure | Silence, error: type[errors.ProviderError]
) -> None:
    async with ScriptedOpenAI(*[step] * 9) as server:
        url = server.base_url.removesuffix("/v1") if kind != "openai" else server.base_url
        entry = ProviderSettings(kind=kind, base_url=url, api_key="k")  # type: ignore[arg-type]
        timeout = 1 if isinstance(step, Silence) else 60
        async with configure(providers={"cloud": entry}, provider_retries=1, provider_timeout=timeout) as providers:
            model = providers.model("cloud")
            with pytest.raises(error) as caught:
                await outline(model)
            asked = len(server.requests)
            with pytest.raises(error):
                await read(model.stream(PROMPT))
    assert asked == (1 if error is errors.ProviderRejected else 2)
    assert caught.value.details["provider"] == "cloud"
