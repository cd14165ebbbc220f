"""Posts by a capable model, played by a scripted server: what it is asked, and what is done with bad answers."""

from collections.abc import Awaitable, Callable

import pytest
from tests.content.posts.conftest import BODIES, HEADINGS, Desk, meta, outline
from tests.support.scripted_openai import Cut, Failure, Text

from blogai.content import wellformed
from blogai.content.operation import Written
from blogai.content.posts import PostOperation, PostRequest
from blogai.errors import ProviderError, ProviderOutputInvalid, ProviderOverloaded

MakeDesk = Callable[..., Awaitable[Desk]]

ONE, TWO, THREE = map(Text, BODIES)


async def write(desk: Desk, **inputs: object) -> Written:
    return await PostOperation(PostRequest.parse({"topic": "Bees on a roof", **inputs}), seed=1).run(desk.writer)


async def test_a_post_is_written(desk: MakeDesk) -> None:
    bench = await desk(outline(), ONE, TWO, THREE, meta())
    written = await write(bench, words=300, keywords=["gentle colony", "planning law"], tone="friendly")
    assert written.title == "Bees above the street"
    assert (
        written.output
        == "# Bees above the street\n\n"
        + "\n\n".join(f"## {heading}\n\n{body}" for heading, body in zip(HEADINGS, BODIES, strict=True))
        + "\n"
    )
    assert written.metadata["tags"] == ["bees", "roofs"]
    assert written.metadata["sections"] == 3
    assert written.metadata["restarts"] == 0
    assert written.metadata["words"] == wellformed.parse(written.output).words
    assert "good will" in written.metadata["description"]


async def test_readers_follow_outline_sections_text_and_meta(desk: MakeDesk) -> None:
    bench = await desk(outline(), ONE, TWO, THREE, meta())
    written = await write(bench)
    assert bench.kinds() == [
        "progress", "outline", "section", "delta", "progress", "section", "delta", "progress", "section", "delta",
        "progress", "meta",
    ]  # fmt: skip
    assert bench.events("outline") == [{"title": "A working title", "sections": list(HEADINGS)}]
    assert [(data["index"], data["heading"], data["total"]) for data in bench.events("section")] == [
        (index, heading, 3) for index, heading in enumerate(HEADINGS)
    ]
    assert bench.events("meta")[0]["title"] == written.title
    assert written.output == f"# {written.title}\n\n{bench.read}\n"


async def test_each_section_is_told_the_plan_and_what_is_written(desk: MakeDesk) -> None:
    bench = await desk(outline(), ONE, TWO, THREE, meta())
    await write(bench, keywords=["gentle colony", "planning law"], tone="casual", words=300)
    first, second, third = (bench.asked(number) for number in (1, 2, 3))
    assert all(heading in first for heading in HEADINGS)
    assert "<topic>Bees on a roof</topic>" in first
    assert "Tone: casual" in first
    assert "a point of What a roof must bear" in first
    assert "about 100 words" in first
    assert BODIES[0] not in first
    assert BODIES[0] in second
    assert "gentle colony; planning law" in second
    assert "gentle colony" in third  # in the text so far
    assert "Keywords that the post does not have yet; use those that fit here: planning law" in third
    assert "It ends the post" in third


async def test_text_is_streamed_while_it_is_written(desk: MakeDesk) -> None:
    """A reader has the beginning of a section long before the server has sent its end."""
    bench = await desk(outline(), Text(BODIES[0] * 4, pause=0.01), Failure(500))
    with pytest.raises(ProviderError):
        await write(bench)
    assert len(bench.events("delta")) >= 3


@pytest.mark.parametrize(
    ("bad", "reason"),
    [  # what the model answers, and why that is refused
        (f"Sure, here is the section. {BODIES[1]}", "begins like a chat"),
        (f"{BODIES[1]} And this one has no", "breaks off"),
        (BODIES[0], "repeats a paragraph"),
        (f"{BODIES[1]}\n\nLet me know if you want more.", "speaks like a chat"),
        (f"{BODIES[1]} Write to [Name] first.", "boilerplate"),
        ("- one\n- two\n- three\n- four\n- five", "nothing but a list"),
        (f"## {HEADINGS[1]}\n\n", "is empty"),
    ],
)
async def test_a_bad_section_is_begun_again(desk: MakeDesk, bad: str, reason: str) -> None:
    bench = await desk(outline(), ONE, Text(bad.replace("And this one has no", "x " * 60)), TWO, THREE, meta())
    written = await write(bench)
    assert written.output.count(BODIES[1]) == 1
    assert wellformed.faults(written.output) == []
    assert written.metadata["restarts"] == 1, reason
    assert written.output == f"# {written.title}\n\n{bench.read}\n"


async def test_other_seeds_are_used_for_another_try(desk: MakeDesk) -> None:
    bench = await desk(outline(), Text("Sure, bees."), ONE, TWO, THREE, meta())
    await write(bench)
    seeds = [request.body["seed"] for request in bench.server.requests]
    assert len(set(seeds)) == len(seeds)


async def test_three_bad_sections_fail_the_run(desk: MakeDesk) -> None:
    bench = await desk(outline(), ONE, *[Text(f"Dear reader, {BODIES[1]}")] * 3)
    with pytest.raises(ProviderOutputInvalid, match=r"The first colony.*begins like a chat") as caught:
        await write(bench)
    assert caught.value.remedy


async def test_an_unfinished_last_sentence_is_cut_off(desk: MakeDesk) -> None:
    bench = await desk(outline(), Text(BODIES[0] + " And the wind"), TWO, THREE, meta())
    written = await write(bench)
    assert "And the wind" not in written.output
    assert BODIES[0] in written.output
    assert bench.events("restart")
    assert written.output == f"# {written.title}\n\n{bench.read}\n"


async def test_a_repeated_heading_goes_and_others_are_lowered(desk: MakeDesk) -> None:
    body = f"## {HEADINGS[0]}\n\n{BODIES[0]}\n\n# Loads\n\nSnow is heavy too."
    bench = await desk(outline(), Text(body), TWO, THREE, meta())
    written = await write(bench)
    assert written.output.count(HEADINGS[0]) == 1
    assert "\n### Loads\n" in written.output
    assert written.metadata["restarts"] == 0


async def test_code_passes_untouched(desk: MakeDesk) -> None:
    code = "```python\n# weigh it\nweights = [0]\n```"
    bench = await desk(outline(), Text(f"{BODIES[0]}\n\n{code}"), TWO, THREE, meta())
    written = await write(bench)
    assert code in written.output


async def test_a_malformed_outline_is_asked_for_again(desk: MakeDesk) -> None:
    bench = await desk(Text("{not json"), outline(), ONE, TWO, THREE, meta(), repeats=1)
    assert (await write(bench)).title


async def test_an_outline_with_repeated_headings_is_asked_for_again(desk: MakeDesk) -> None:
    bench = await desk(outline(("Bees", "1. **Bees**", "bees:")), outline(), ONE, TWO, THREE, meta())
    await write(bench)
    assert bench.events("outline")[0]["sections"] == list(HEADINGS)


async def test_three_bad_outlines_fail_the_run(desk: MakeDesk) -> None:
    bench = await desk(*[outline(("Bees", "Bees", "bees"))] * 3)
    with pytest.raises(ProviderOutputInvalid, match="outline"):
        await write(bench)
    assert bench.read == ""


async def test_headings_lose_numbers_and_marks(desk: MakeDesk) -> None:
    numbered = [f"{number}. **{heading}:**" for number, heading in enumerate(HEADINGS, 1)]
    bench = await desk(outline(numbered), ONE, TWO, THREE, meta('"Bees above the street"'))
    written = await write(bench)
    assert wellformed.parse(written.output).headings == HEADINGS
    assert written.title == "Bees above the street"


async def test_a_title_that_is_a_heading_gives_way_to_the_working_title(desk: MakeDesk) -> None:
    bench = await desk(outline(), ONE, TWO, THREE, meta(HEADINGS[2]))
    assert (await write(bench)).title == "A working title"


async def test_a_stream_that_breaks_begins_the_section_again(desk: MakeDesk) -> None:
    bench = await desk(outline(), ONE, Cut(BODIES[1], after=14), TWO, THREE, meta(), repeats=1)
    written = await write(bench)
    assert written.output.count(BODIES[1]) == 1
    assert written.output == f"# {written.title}\n\n{bench.read}\n"


async def test_a_provider_that_stays_down_fails_the_run(desk: MakeDesk) -> None:
    bench = await desk(outline(), ONE, Failure(503), Failure(503), repeats=1)
    with pytest.raises(ProviderOverloaded):
        await write(bench)


async def test_all_tokens_are_counted_those_of_rejected_texts_too(desk: MakeDesk) -> None:
    good = await desk(outline(), ONE, TWO, THREE, meta())
    await write(good)
    bad = await desk(outline(), Text(BODIES[1] + " Write to [Name]."), ONE, TWO, THREE, meta())
    await write(bad)
    assert bad.writer.tokens.output > good.writer.tokens.output
