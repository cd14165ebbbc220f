"""Calls over HTTP: what comes back, what is counted, and what each fault of a provider leads to."""

import asyncio
import json
import socket
import time
from decimal import Decimal

import pytest
from tests.providers.conftest import Configure, Outline
from tests.support.scripted_openai import Cut, Failure, Raw, ScriptedOpenAI, Silence, Stall, Text

from blogai import errors
from blogai.providers.registry import Providers
from blogai.providers.text import Options, Prompt, Restart, TextModel, TextStream
from blogai.settings import ProviderSettings

PROMPT = Prompt(system="You plan posts.", user="An outline about bees.")
GOOD = '{"title": "Bees", "sections": ["one", "two", "three"]}'


async def outline(model: TextModel) -> Outline:
    answer, _ = await model.structured(PROMPT, Outline)
    return answer


async def read(stream: TextStream) -> list[str | Restart]:
    async with stream as pieces:
        return [piece async for piece in pieces]


# --- answers


async def test_structured_answer_with_reported_tokens(configure: Configure) -> None:
    async with ScriptedOpenAI(Text(GOOD)) as server, configure(lab=server.base_url) as providers:
        model = providers.model("lab")
        answer, tokens = await model.structured(PROMPT, Outline, Options(temperature=0.2, max_tokens=50, seed=7))
    assert answer == Outline(title="Bees", sections=["one", "two", "three"])
    assert (tokens.input, tokens.output, tokens.estimated) == (7, 6, False)
    assert tokens.cost_usd is None  # nobody knows what this server's owner pays
    assert (model.used.provider, model.used.model) == ("lab", "scripted-1")
    body = server.requests[0].body
    assert body["messages"] == [
        {"role": "system", "content": PROMPT.system},
        {"role": "user", "content": PROMPT.user},
    ]
    assert (body["temperature"], body["max_tokens"], body["seed"]) == (0.2, 50, 7)
    schema = body["response_format"]["json_schema"]["schema"]
    assert set(schema["properties"]) == {"title", "sections"}


async def test_extra_options_reach_the_server(configure: Configure) -> None:
    options = Options(extra={"min_p": 0.05, "grammar": 'root ::= "x"', "repeat_penalty": 1.1})
    async with ScriptedOpenAI() as server, configure(lab=server.base_url) as providers:
        await read(providers.model("lab").stream(PROMPT, options))
    body = server.requests[0].body
    assert (body["min_p"], body["grammar"], body["repeat_penalty"]) == (0.05, 'root ::= "x"', 1.1)


async def test_extra_options_of_local_servers_never_reach_openai(configure: Configure) -> None:
    async with ScriptedOpenAI(Text("Words.")) as server:
        entry = ProviderSettings(kind="openai", model="gpt-4o-mini", base_url=server.base_url, api_key="k")  # type: ignore[arg-type]
        async with configure(providers={"paid": entry}) as providers:
            stream = providers.model("paid").stream(PROMPT, Options(extra={"min_p": 0.05, "top_p": 0.9}))
            await read(stream)
    body = server.requests[0].body
    assert "min_p" not in body
    assert body["top_p"] == 0.9
    assert server.requests[0].headers["authorization"] == "Bearer k"


async def test_stream_gives_pieces_as_they_come_and_reported_tokens(configure: Configure) -> None:
    async with ScriptedOpenAI(Text("one two three four")) as server, configure(lab=server.base_url) as providers:
        stream = providers.model("lab").stream(PROMPT)
        pieces = await read(stream)
    assert pieces == ["one", " two", " three", " four"]
    assert (stream.tokens.input, stream.tokens.output, stream.tokens.estimated) == (7, 4, False)


async def test_first_piece_comes_before_the_last_is_written(configure: Configure) -> None:
    async with (
        ScriptedOpenAI(Stall(after=1)) as server,
        configure(lab=server.base_url) as providers,
        providers.model("lab").stream(PROMPT) as pieces,
    ):
        assert await asyncio.wait_for(anext(pieces), 10) == "This "


async def test_tokens_are_estimated_and_marked_when_the_provider_reports_none(configure: Configure) -> None:
    async with ScriptedOpenAI(Text("x" * 40, usage=False)) as server, configure(lab=server.base_url) as providers:
        stream = providers.model("lab").stream(PROMPT)
        await read(stream)
    assert stream.tokens.estimated
    assert stream.tokens.output == 10
    assert stream.tokens.input == 4 + 6  # 15 and 22 characters


async def test_known_model_has_a_price(configure: Configure) -> None:
    async with ScriptedOpenAI(Text(GOOD), model="gpt-4o-mini") as server:
        entry = ProviderSettings(kind="openai", model="gpt-4o-mini", base_url=server.base_url, api_key="k")  # type: ignore[arg-type]
        async with configure(providers={"paid": entry}) as providers:
            _, tokens = await providers.model("paid").structured(PROMPT, Outline)
    assert isinstance(tokens.cost_usd, Decimal)
    assert 0 < tokens.cost_usd < Decimal("0.001")


# --- leaving early


async def test_leaving_a_stream_closes_the_connection_and_counts(configure: Configure) -> None:
    async with ScriptedOpenAI(Stall(after=3)) as server, configure(lab=server.base_url) as providers:
        async with providers.model("lab").stream(PROMPT) as pieces:
            await anext(pieces)
        await asyncio.wait_for(server.requests[0].gone.wait(), 5)
    assert pieces.tokens.estimated
    assert pieces.tokens.output > 0
    assert pieces.tokens.input > 0


async def test_cancelling_the_reader_closes_the_connection_at_once(configure: Configure) -> None:
    async with ScriptedOpenAI(Stall(after=1)) as server, configure(lab=server.base_url) as providers:
        stream = providers.model("lab").stream(PROMPT)
        begun = asyncio.Event()

        async def consume() -> None:
            async with stream as pieces:
                async for _ in pieces:
                    begun.set()

        task = asyncio.create_task(consume())
        await asyncio.wait_for(begun.wait(), 20)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(server.requests[0].gone.wait(), 5)
    assert stream.tokens.output > 0
    assert len(server.requests) == 1


async def test_cancelling_a_structured_call_closes_the_connection(configure: Configure) -> None:
    async with ScriptedOpenAI(Silence()) as server, configure(lab=server.base_url) as providers:
        task = asyncio.create_task(outline(providers.model("lab")))
        await asyncio.wait_for(server.arrived.wait(), 20)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(server.requests[0].gone.wait(), 5)


# --- faults


@pytest.mark.parametrize("status", [401, 403])
async def test_key_rejected_is_not_repeated(configure: Configure, status: int) -> None:
    async with ScriptedOpenAI(*[Failure(status)] * 5) as server, configure(lab=server.base_url) as providers:
        with pytest.raises(errors.ProviderRejected) as caught:
            await outline(providers.model("lab"))
        with pytest.raises(errors.ProviderRejected):
            await read(providers.model("lab").stream(PROMPT))
    assert len(server.requests) == 2
    assert "lab" in caught.value.message
    assert "scripted-1" in caught.value.message
    assert "BLOGAI_PROVIDERS__LAB__API_KEY" in str(caught.value.remedy)
    assert caught.value.details["provider"] == "lab"
    assert caught.value.details["model"] == "scripted-1"


async def test_bad_request_and_unknown_model_are_not_repeated(configure: Configure) -> None:
    script = (Failure(400, "context too long"), Failure(404, "no such model", code="model_not_found"))
    async with ScriptedOpenAI(*script) as server, configure(lab=server.base_url) as providers:
        for _ in script:
            with pytest.raises(errors.ProviderRejected) as caught:
                await outline(providers.model("lab"))
            assert caught.value.remedy
    assert len(server.requests) == 2


async def test_empty_account_is_not_repeated(configure: Configure) -> None:
    script = [Failure(429, "You exceeded your current quota", code="insufficient_quota")] * 4
    async with ScriptedOpenAI(*script) as server, configure(lab=server.base_url) as providers:
        with pytest.raises(errors.ProviderRejected, match="quota"):
            await outline(providers.model("lab"))
    assert len(server.requests) == 1


async def test_provider_down(configure: Configure) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody else can open it meanwhile
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        async with configure(lab=url) as providers:
            with pytest.raises(errors.ProviderUnavailable) as caught:
                await outline(providers.model("lab"))
            with pytest.raises(errors.ProviderUnavailable):
                await read(providers.model("lab").stream(PROMPT))
    assert len(caught.value.details["attempts"]) == 4
    assert caught.value.remedy


async def test_slow_provider_times_out(configure: Configure) -> None:
    async with (
        ScriptedOpenAI(Silence(), Silence(), Stall(after=2), Stall(after=2)) as server,
        configure(lab=server.base_url, provider_timeout=0.3) as providers,
    ):
        with pytest.raises(errors.ProviderTimeout, match=r"0\.3 s") as caught:
            await outline(providers.model("lab"))
        with pytest.raises(errors.ProviderTimeout):
            await read(providers.model("lab").stream(PROMPT))
    assert len(server.requests) == 4  # each call and one repeat
    assert "BLOGAI_PROVIDER_TIMEOUT" in str(caught.value.remedy)


async def test_429_then_fine_waits_as_long_as_asked(configure: Configure) -> None:
    script = (Failure(429, headers={"retry-after": "1"}), Text(GOOD))
    async with ScriptedOpenAI(*script) as server, configure(lab=server.base_url) as providers:
        began = time.monotonic()
        assert (await outline(providers.model("lab"))).title == "Bees"
    assert time.monotonic() - began >= 1
    assert len(server.requests) == 2


async def test_429_that_asks_for_too_long_a_wait_is_given_up(configure: Configure) -> None:
    script = (Failure(429, headers={"retry-after": "3600"}), Text(GOOD))
    async with ScriptedOpenAI(*script) as server, configure(lab=server.base_url) as providers:
        with pytest.raises(errors.ProviderOverloaded):
            await outline(providers.model("lab"))
    assert len(server.requests) == 1


async def test_429_for_ever(configure: Configure) -> None:
    async with (
        ScriptedOpenAI(*[Failure(429)] * 9) as server,
        configure(lab=server.base_url, provider_retries=2) as providers,
    ):
        with pytest.raises(errors.ProviderOverloaded):
            await outline(providers.model("lab"))
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [500, 502, 503, 529])
async def test_5xx_then_fine(configure: Configure, status: int) -> None:
    script = (Failure(status), Failure(status), Text(GOOD), Failure(status), Text("Some words."))
    async with ScriptedOpenAI(*script) as server, configure(lab=server.base_url) as providers:
        assert (await outline(providers.model("lab"))).title == "Bees"
        pieces = await read(providers.model("lab").stream(PROMPT))
    assert pieces == ["Some", " words."]  # nothing was given, so nothing restarts
    assert len(server.requests) == 5


@pytest.mark.parametrize("tidy", [False, True], ids=["reset", "no end mark"])
async def test_cut_in_mid_stream_restarts(configure: Configure, tidy: bool) -> None:
    async with (
        ScriptedOpenAI(Cut(after=3, tidy=tidy), Text("All of it.")) as server,
        configure(lab=server.base_url) as providers,
    ):
        stream = providers.model("lab").stream(PROMPT)
        pieces = await read(stream)
    assert pieces[:3] == ["This ", "text ", "will "]
    assert isinstance(pieces[3], Restart)
    assert pieces[3].provider == "lab"
    assert pieces[4:] == ["All", " of", " it."]
    assert stream.tokens.estimated  # the broken attempt was paid for, and not reported
    assert stream.tokens.output > 3


async def test_cut_for_ever(configure: Configure) -> None:
    async with (
        ScriptedOpenAI(*[Cut()] * 3) as server,
        configure(lab=server.base_url, provider_retries=2) as providers,
    ):
        stream = providers.model("lab").stream(PROMPT)
        with pytest.raises(errors.ProviderUnavailable):
            await read(stream)
    assert len(server.requests) == 3
    assert stream.tokens.output > 0


async def test_empty_stream_is_a_fault(configure: Configure) -> None:
    async with ScriptedOpenAI(*[Text("")] * 9) as server, configure(lab=server.base_url) as providers:
        with pytest.raises(errors.ProviderOutputInvalid, match="empty"):
            await read(providers.model("lab").stream(PROMPT))
    assert len(server.requests) == 3


BAD = [Text("Sure, here it is: {"), Text('{"title": "Bees", "sections": []}'), Raw(b"<html>no JSON</html>"), Raw(b"{}")]


@pytest.mark.parametrize("bad", BAD, ids=["not JSON", "wrong structure", "body not JSON", "empty body"])
async def test_malformed_output_then_fine(configure: Configure, bad: Text | Raw) -> None:
    async with ScriptedOpenAI(bad, Text(GOOD)) as server, configure(lab=server.base_url) as providers:
        answer, tokens = await providers.model("lab").structured(PROMPT, Outline, Options(seed=5))
    assert answer.title == "Bees"
    assert len(server.requests) == 2
    if isinstance(bad, Text):
        assert tokens.output == len(bad.text.split()) + 6  # type: ignore[union-attr]  # both were paid for
        assert [request.body["seed"] for request in server.requests] == [5, 6]


@pytest.mark.parametrize("bad", BAD, ids=["not JSON", "wrong structure", "body not JSON", "empty body"])
async def test_malformed_output_for_ever(configure: Configure, bad: Text | Raw) -> None:
    async with ScriptedOpenAI(*[bad] * 9) as server, configure(lab=server.base_url) as providers:
        with pytest.raises(errors.ProviderOutputInvalid) as caught:
            await outline(providers.model("lab"))
    assert len(server.requests) == 3  # however many repeats of other faults are allowed
    assert caught.value.remedy


async def test_repeat_tells_the_model_what_was_wrong(configure: Configure) -> None:
    script = (Text('{"title": "Bees", "sections": []}'), Text(GOOD))
    async with ScriptedOpenAI(*script) as server, configure(lab=server.base_url) as providers:
        await outline(providers.model("lab"))
    said = server.requests[1].body["messages"]
    assert [message["role"] for message in said] == ["system", "user", "assistant", "user"]
    assert "sections" in said[-1]["content"]


async def test_answer_that_was_cut_off_gets_more_room(configure: Configure) -> None:
    script = (Text('{"title": "Be', finish_reason="length"), Text(GOOD))
    async with ScriptedOpenAI(*script) as server, configure(lab=server.base_url) as providers:
        await providers.model("lab").structured(PROMPT, Outline, Options(max_tokens=10))
    assert [request.body["max_tokens"] for request in server.requests] == [10, 20]
    assert len(server.requests[1].body["messages"]) == 2


async def test_error_event_in_mid_stream_restarts(configure: Configure) -> None:
    piece = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    begun = {**piece, "choices": [{"index": 0, "delta": {"content": "Half"}, "finish_reason": None}]}
    error = {"error": {"message": "the model ran out of memory", "type": "server_error", "code": 500}}
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in (begun, error)).encode()
    async with (
        ScriptedOpenAI(Raw(body, "text/event-stream"), Text("Whole.")) as server,
        configure(lab=server.base_url) as providers,
    ):
        pieces = await read(providers.model("lab").stream(PROMPT))
    assert pieces[0] == "Half"
    assert isinstance(pieces[1], Restart)
    assert "ran out of memory" in pieces[1].reason
    assert pieces[2:] == ["Whole."]


async def test_content_filter_is_not_repeated(configure: Configure) -> None:
    script = (Text("", finish_reason="content_filter"), Text("", finish_reason="content_filter"))
    async with ScriptedOpenAI(*script) as server, configure(lab=server.base_url) as providers:
        with pytest.raises(errors.ProviderRejected, match="declined"):
            await outline(providers.model("lab"))
        with pytest.raises(errors.ProviderRejected, match="declined"):
            await read(providers.model("lab").stream(PROMPT))
    assert len(server.requests) == 2


async def test_stream_tells_that_it_was_cut_off(configure: Configure) -> None:
    async with (
        ScriptedOpenAI(Text("Not all", finish_reason="length"), Text("All.")) as server,
        configure(lab=server.base_url) as providers,
    ):
        for cut_off in (True, False):
            stream = providers.model("lab").stream(PROMPT)
            await read(stream)
            assert stream.cut_off is cut_off


async def test_refusal_quotes_the_providers_words(configure: Configure) -> None:
    async with ScriptedOpenAI(Failure(400, "too many tokens")) as server, configure(lab=server.base_url) as providers:
        with pytest.raises(errors.ProviderRejected) as caught:
            await outline(providers.model("lab"))
    assert caught.value.message == "Provider lab (model scripted-1) refused the request: too many tokens"


# --- fallbacks


async def test_fallbacks_are_tried_in_order(configure: Configure) -> None:
    async with (
        ScriptedOpenAI(Failure(401)) as first,
        ScriptedOpenAI(*[Failure(500)] * 2) as second,
        ScriptedOpenAI(Text(GOOD)) as third,
        configure(
            a=first.base_url,
            b=second.base_url,
            c=third.base_url,
            fallback_providers=("b", "c"),
            provider_retries=1,
        ) as providers,
    ):
        model = providers.model("a")
        assert (await outline(model)).title == "Bees"
        assert model.name == "a"
        assert model.used.provider == "c"
        assert [len(server.requests) for server in (first, second, third)] == [1, 2, 1]


async def test_stream_falls_back_in_mid_stream(configure: Configure) -> None:
    async with (
        ScriptedOpenAI(Cut(after=2)) as first,
        ScriptedOpenAI(Text("Whole text.")) as second,
        configure(a=first.base_url, b=second.base_url, fallback_providers=("b",), provider_retries=0) as providers,
    ):
        model = providers.model("a")
        pieces = await read(model.stream(PROMPT))
    restart = next(index for index, piece in enumerate(pieces) if isinstance(piece, Restart))
    assert pieces[restart + 1 :] == ["Whole", " text."]
    assert model.used.provider == "b"


async def test_when_all_fail_the_error_is_that_of_the_chosen_one(configure: Configure) -> None:
    async with (
        ScriptedOpenAI(Failure(401)) as first,
        ScriptedOpenAI(Failure(500)) as second,
        configure(a=first.base_url, b=second.base_url, fallback_providers=("b",), provider_retries=0) as providers,
    ):
        with pytest.raises(errors.ProviderRejected) as caught:
            await outline(providers.model("a"))
    assert caught.value.details["provider"] == "a"
    assert [attempt["provider"] for attempt in caught.value.details["attempts"]] == ["a", "b"]
    assert [attempt["error"] for attempt in caught.value.details["attempts"]] == [
        "provider-rejected",
        "provider-unavailable",
    ]


# --- the other kinds, as far as a fault goes


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


async def test_programming_errors_are_not_hidden(configure: Configure) -> None:
    async with ScriptedOpenAI() as server, configure(lab=server.base_url) as providers:
        with pytest.raises(TypeError):
            await providers.model("lab").structured(PROMPT, Outline, Options(extra={"bad": object()}))


def test_providers_can_be_made_without_a_loop(configure: Configure) -> None:
    assert isinstance(configure(), Providers)
