"""Answers that break off, are empty or have the wrong shape."""

import json

import pytest
from tests.providers.conftest import GOOD, PROMPT, Configure, Outline, outline, read
from tests.support.scripted_openai import Cut, Raw, ScriptedOpenAI, Text

from blogai import errors
from blogai.providers.text import Options, Restart


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


async def test_tokens_of_rejected_answers_are_counted_also_when_all_are(configure: Configure) -> None:
    bad = Text('{"title": "Bees", "sections": []}')
    async with ScriptedOpenAI(*[bad] * 3, Text("")) as server, configure(lab=server.base_url) as providers:
        model = providers.model("lab")
        with pytest.raises(errors.ProviderOutputInvalid):
            await outline(model)
        assert model.spent.output == 3 * len(str(bad.text).split())
        assert model.spent.input >= 3 * 7
