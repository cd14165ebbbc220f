"""A provider and a fallback of the other kind: who takes over writes in the style of its own kind."""

from collections.abc import Awaitable, Callable

import pytest
from tests.content.posts.conftest import BODIES, HEADINGS, Desk, meta, outline
from tests.content.posts.test_tiny import END, ONE, PLAN, QUESTIONS, TAGS, THREE, TWO, write
from tests.support.scripted_openai import Cut, Failure, Text

from blogai.content import wellformed
from blogai.errors import ProviderOutputInvalid, ProviderRejected, ProviderUnavailable

MakeDesk = Callable[..., Awaitable[Desk]]


async def test_a_remote_provider_that_is_down_leaves_all_of_it_to_the_embedded_model(desk: MakeDesk) -> None:
    bench = await desk(Failure(401), spare=("local", (PLAN, ONE, TWO, THREE, *END)))
    written = await write(bench)
    assert wellformed.parse(written.output).headings == QUESTIONS
    assert len(bench.server.requests) == 1  # later steps begin with whom it fell to
    assert all(len(str(request.body["messages"])) < 1500 for request in bench.spare.requests)
    assert "grammar" in bench.spare.requests[1].body
    assert bench.model.used.provider == "spare"
    assert {"note": "scripted failed, spare goes on"} in bench.events("progress")


async def test_a_remote_provider_that_breaks_in_a_section_leaves_that_and_the_rest(desk: MakeDesk) -> None:
    bench = await desk(
        outline(), Text(BODIES[0]), Cut(BODIES[1], after=9), spare=("local", (TWO, THREE, ONE, *END, TAGS, TAGS))
    )
    written = await write(bench)
    assert wellformed.parse(written.output).headings == HEADINGS
    assert bench.spare.requests[0].body["messages"][-1]["content"].startswith(HEADINGS[1])
    assert written.output == f"# {written.title}\n\n{bench.read}\n"
    assert BODIES[0] in written.output
    assert BODIES[1][:20] not in written.output
    assert "restart" in bench.kinds()


async def test_a_remote_provider_that_breaks_at_the_title_takes_no_text_with_it(desk: MakeDesk) -> None:
    bench = await desk(outline(), *map(Text, BODIES), Failure(401), spare=("local", (*END, TAGS, TAGS)))
    written = await write(bench)
    assert written.output == f"# {written.title}\n\n{bench.read}\n"
    assert BODIES[2] in bench.writer.text
    assert "restart" not in bench.kinds()


async def test_tokens_of_both_are_counted(desk: MakeDesk) -> None:
    bench = await desk(outline(), Text(BODIES[0]), Failure(401), spare=("local", (TWO, THREE, ONE, *END, TAGS, TAGS)))
    await write(bench)
    first = len(str(outline().text).split()) + len(BODIES[0].split())
    assert bench.writer.tokens == bench.model.spent
    assert bench.writer.tokens.output > first


async def test_the_embedded_model_can_have_a_remote_fallback(desk: MakeDesk) -> None:
    bench = await desk(
        *[Text("{")] * 6, kind="local", spare=("openai-compatible", (outline(), *map(Text, BODIES), meta()))
    )
    written = await write(bench)
    assert wellformed.parse(written.output).headings == HEADINGS
    assert "You are an experienced" in bench.spare.requests[0].body["messages"][0]["content"]


async def test_when_all_fail_the_error_is_that_of_the_first_and_lists_every_attempt(desk: MakeDesk) -> None:
    bench = await desk(Failure(401), spare=("local", (Failure(500),)))
    with pytest.raises(ProviderRejected) as caught:
        await write(bench)
    assert caught.value.details["provider"] == "scripted"
    assert [attempt["provider"] for attempt in caught.value.details["attempts"]][:2] == ["scripted", "spare"]


async def test_a_text_too_long_for_the_embedded_model_does_not_fall_to_it(desk: MakeDesk) -> None:
    bench = await desk(Failure(500), spare=("local", (PLAN,)))
    with pytest.raises(ProviderUnavailable) as caught:
        await write(bench, words=2000)
    assert caught.value.field is None
    assert bench.spare.requests == []


async def test_no_fallback_takes_over_behind_text_that_cannot_be_taken_back(desk: MakeDesk) -> None:
    short = Text("Hives stand on roofs and in small gardens of the town.")
    bench = await desk(PLAN, short, Failure(401), kind="local", spare=("openai-compatible", (Text(BODIES[0]),)))
    with pytest.raises(ProviderRejected):
        await write(bench)
    assert bench.spare.requests == []


async def test_rejected_lists_of_questions_are_paid_for(desk: MakeDesk) -> None:
    bench = await desk(*[Text("{")] * 6, kind="local")
    with pytest.raises(ProviderOutputInvalid):
        await write(bench)
    assert bench.writer.tokens.output == 6
    assert bench.writer.tokens.input >= 6 * 7
