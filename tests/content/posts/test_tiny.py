"""Posts by a small model, played by a scripted server: questions, gate, further answers, the best of several."""

import json
from collections.abc import Awaitable, Callable

import pytest
from tests.content.posts.conftest import Desk
from tests.support.scripted_openai import Cut, Text

from blogai.content import wellformed
from blogai.content.live import LiveText
from blogai.content.operation import Written
from blogai.content.posts import PostOperation, PostRequest
from blogai.content.posts.tiny import outline
from blogai.errors import InvalidInput, ProviderError, ProviderOutputInvalid

MakeDesk = Callable[..., Awaitable[Desk]]

QUESTIONS = (
    "What is urban beekeeping?",
    "Why does urban beekeeping attract people?",
    "How do you start urban beekeeping?",
)

ANSWERS = (
    "Urban beekeeping is the care of honey bees in towns. Hives stand on roofs, balconies and in small gardens."
    " The bees fly up to three kilometres for lime trees, clover and herbs.",
    "People keep bees in cities for honey and for the calm of the work. Parks bloom from March to October without"
    " pesticides. City colonies often gather more than those beside wide fields of wheat.",
    "Beginners join a club before they buy anything. The first hive needs morning sun and a path without walkers."
    " One gentle colony is enough for the first two years of learning.",
)


def questions(*asked: str) -> Text:
    return Text(json.dumps({f"question_{number}": question for number, question in enumerate(asked, 1)}))


def told(**data: object) -> Text:
    return Text(json.dumps(data))


TITLE = told(title="Urban Beekeeping Above the Roofs")
SUMMARY = told(summary="Urban beekeeping takes little room and much patience, and pays with honey and quiet hours.")
TAGS = told(subjects=["honey bees", "roofs", "dragons", "hive"])
END = (TITLE, SUMMARY, TAGS)
PLAN = questions(*QUESTIONS)
ONE, TWO, THREE = map(Text, ANSWERS)


async def write(desk: Desk, **inputs: object) -> Written:
    request = PostRequest.parse({"topic": "Urban beekeeping", "words": 100, **inputs})
    return await PostOperation(request, seed=1).run(desk.writer)


async def test_a_post_is_written(desk: MakeDesk) -> None:
    bench = await desk(PLAN, ONE, TWO, THREE, *END, kind="local")
    written = await write(bench)
    assert wellformed.parse(written.output).headings == QUESTIONS
    assert written.title == "Urban Beekeeping Above the Roofs"
    assert written.metadata["tags"] == ["honey bees", "roofs", "hive"]  # dragons are not in the text
    assert written.metadata["restarts"] == 0
    assert written.output == f"# {written.title}\n\n{bench.read}\n"
    assert wellformed.faults(written.output) == []


async def test_a_text_that_is_cut_short_has_the_topic_as_its_title(desk: MakeDesk) -> None:
    bench = await desk(PLAN, ONE, kind="local")
    with pytest.raises(ProviderError):
        await write(bench)
    assert bench.writer.title == "Urban beekeeping"


async def test_prompts_are_short_and_answers_bound_by_grammars(desk: MakeDesk) -> None:
    bench = await desk(PLAN, ONE, TWO, THREE, *END, kind="local")
    await write(bench, tone="academic", keywords=["honey"])
    bodies = [request.body for request in bench.server.requests]
    assert all(len(str(body["messages"])) < 1500 for body in bodies)
    schema = bodies[0]["response_format"]["json_schema"]["schema"]
    assert schema["properties"]["question_2"]["pattern"].startswith("^Why ")
    assert "grammar" in bodies[1]
    assert "an academic tone" in bodies[1]["messages"][0]["content"]
    assert bench.asked(1).startswith(QUESTIONS[0])
    assert "Mention honey." in bench.asked(1)
    assert len({body["seed"] for body in bodies}) == len(bodies)


@pytest.mark.parametrize(
    "bad",
    [
        "Sure, here is the answer.",
        "As an AI, I cannot keep bees on a roof.",
        "Dear reader, bees are a joy.",
        "In this article we look at bees.",
        "I'm happy to share my passion for bees.",
        "Ask [Name] about the bees first.",
        "* Bees like sun and water.",
        "Visit www.example.org for more about bees.",
        "The hive is of use and the hive is of use and the hive is of use.",
        "Bees likeSunshine and quiet corners.",
        "In conclusion, bees are good.",
        "Let's consider a simple example of this.",
        'The keeper said "bees are fine.',
        "What is urban beekeeping?",
        "Urban beekeeping is the care of honey bees in small towns.",
        "Too short.",
    ],
)
async def test_a_bad_sentence_is_held_back_and_the_rest_goes_on(desk: MakeDesk, bad: str) -> None:
    first, rest = ANSWERS[0].split(". ", 1)
    bench = await desk(PLAN, Text(f"{first}. {bad} {rest}"), TWO, THREE, *END, kind="local")
    written = await write(bench)
    assert bad not in bench.read.replace(f"## {QUESTIONS[0]}", "")
    assert ANSWERS[0].split(". ")[1] in written.output


async def test_a_short_answer_is_followed_by_another_from_a_new_angle(desk: MakeDesk) -> None:
    first, rest = ANSWERS[0].split(". ", 1)
    bench = await desk(PLAN, Text(f"{first}."), Text(f"{first}. {rest}"), TWO, THREE, *END, kind="local")
    written = await write(bench)
    assert written.output.count(first) == 1
    assert f"{first}.\n\n{rest.split('. ')[0]}" in written.output
    assert bench.asked(1) != bench.asked(2)
    assert written.metadata["restarts"] == 0


async def test_an_unfinished_last_sentence_never_reaches_the_reader(desk: MakeDesk) -> None:
    bench = await desk(PLAN, Text(f"{ANSWERS[0]} And then the"), TWO, THREE, *END, kind="local")
    await write(bench)
    assert "And then the" not in bench.read
    assert not bench.events("restart")


async def test_a_hopeless_answer_is_thrown_away(desk: MakeDesk) -> None:
    bad = "Bees are nice to have. " + "I'm happy to share my love of bees. " * 5
    bench = await desk(PLAN, Text(bad), ONE, TWO, THREE, *END, kind="local")
    written = await write(bench)
    assert written.metadata["restarts"] == 1
    assert bench.events("restart")
    assert "Bees are nice to have" not in bench.read
    assert written.output == f"# {written.title}\n\n{bench.read}\n"


async def test_the_same_answer_for_every_section_fails_the_run(desk: MakeDesk) -> None:
    bench = await desk(PLAN, ONE, *[Text(ANSWERS[0])] * 6, kind="local")
    with pytest.raises(ProviderOutputInvalid, match="Why does urban beekeeping") as caught:
        await write(bench)
    assert caught.value.remedy


async def test_a_question_without_an_answer_is_left_out_of_a_longer_post(
    desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outline, "heading_count", lambda *_: 4)
    fourth = "What can urban beekeeping teach children?"
    plan = questions(*QUESTIONS, fourth)
    last = Text(
        "Children learn to stand still and to watch. A glass hive shows them how the dance of a worker tells the way."
        " They taste what a summer of lime trees left behind, and most of them ask to come again."
    )
    said = Text(ANSWERS[0].split(". ")[0] + ".")
    bench = await desk(plan, ONE, *[said] * 6, THREE, last, *END, kind="local")
    written = await write(bench)
    assert wellformed.parse(written.output).headings == (QUESTIONS[0], QUESTIONS[2], fourth)
    assert written.output == f"# {written.title}\n\n{bench.read}\n"
    assert bench.events("outline")[-1]["sections"] == [QUESTIONS[0], QUESTIONS[2], fourth]
    live = LiveText()
    for event in bench.log.events:
        live.apply(event)
    assert [part.title for part in live.sections] == live.outline


async def test_a_stream_that_breaks_begins_its_answer_again(desk: MakeDesk) -> None:
    bench = await desk(PLAN, ONE, Cut(ANSWERS[1], after=20), TWO, THREE, *END, kind="local", repeats=1)
    written = await write(bench)
    assert written.output.count("People keep bees in cities for honey") == 1
    assert written.output == f"# {written.title}\n\n{bench.read}\n"


async def test_the_best_question_of_several_lists_is_taken(desk: MakeDesk) -> None:
    poor = questions("What is the way to protect bees from?", QUESTIONS[1], "How do youliveWithbees?")
    bench = await desk(poor, poor, PLAN, ONE, TWO, THREE, *END, kind="local")
    await write(bench)
    assert bench.events("outline")[0]["sections"] == list(QUESTIONS)


async def test_a_list_that_is_no_json_is_passed_over(desk: MakeDesk) -> None:
    bench = await desk(Text("{"), PLAN, ONE, TWO, THREE, *END, kind="local")
    assert (await write(bench)).title


async def test_no_usable_outline_fails_the_run_before_any_text(desk: MakeDesk) -> None:
    poor = questions("What is the?", "Why is the?", "How is the?")
    bench = await desk(*[poor] * 6, kind="local")
    with pytest.raises(ProviderOutputInvalid, match="no outline"):
        await write(bench)
    assert bench.read == ""


async def test_a_title_that_repeats_a_heading_is_passed_over(desk: MakeDesk) -> None:
    bad = told(title="What Is Urban Beekeeping")
    bench = await desk(PLAN, ONE, TWO, THREE, bad, *END, kind="local")
    assert (await write(bench)).title == "Urban Beekeeping Above the Roofs"


async def test_without_a_usable_description_the_text_describes_itself(desk: MakeDesk) -> None:
    bad = told(summary="Sure, " + "bees and bees and bees and " * 3 + "bees.")
    bench = await desk(PLAN, ONE, TWO, THREE, TITLE, *[bad] * 6, TAGS, kind="local")
    assert (await write(bench)).metadata["description"] == ANSWERS[0].split(". ")[0] + "."


async def test_keywords_of_the_request_become_tags(desk: MakeDesk) -> None:
    bench = await desk(PLAN, ONE, TWO, THREE, *END, kind="local")
    written = await write(bench, keywords=["Lime trees"])
    assert written.metadata["tags"][0] == "lime trees"


async def test_more_words_than_it_can_write_are_refused_before_the_first_call(desk: MakeDesk) -> None:
    bench = await desk(PLAN, kind="local")
    with pytest.raises(InvalidInput, match="at most 1500 words") as caught:
        await write(bench, words=1501)
    assert caught.value.field == "words"
    assert bench.server.requests == []


async def test_an_emoji_topic_is_spoken_to_the_model_and_kept_as_it_is(desk: MakeDesk) -> None:
    bench = await desk(PLAN, kind="local")
    operation = PostOperation(PostRequest.parse({"topic": "Urban beekeeping 🐝"}), seed=1)
    with pytest.raises(ProviderError):
        await operation.run(bench.writer)
    assert bench.asked(0).endswith("Urban beekeeping honeybee. Write the questions.")
    assert operation.inputs["topic"] == "Urban beekeeping 🐝"


async def test_readers_are_told_when_the_model_cannot_read_the_topic(desk: MakeDesk) -> None:
    bench = await desk(*[PLAN] * 3, ONE, TWO, THREE, *[TITLE] * 6, *END[1:], kind="local")
    await write(bench, topic="تربية النحل في المدينة")
    assert any("little but English" in str(data["note"]) for data in bench.events("progress"))


async def test_the_topic_is_the_title_when_the_model_finds_none(desk: MakeDesk) -> None:
    bad = told(title="The Title of The Title of The")
    bench = await desk(PLAN, ONE, TWO, THREE, *[bad] * 6, *END[1:], kind="local")
    assert (await write(bench)).title == "Urban beekeeping"


async def test_without_any_title_the_run_fails(desk: MakeDesk) -> None:
    bad = told(title="The Title of The Title of The")
    asked = questions("What is urban beekeeping at home?", *QUESTIONS[1:])
    bench = await desk(asked, asked, asked, ONE, TWO, THREE, *[bad] * 6, *END[1:], kind="local")
    with pytest.raises(ProviderOutputInvalid, match="no title"):
        await write(bench, topic="Urban beekeeping " * 8)
