"""Posts in a brand voice, by a scripted model: what it is told, what is scored, what a rewrite may replace."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from tests.content.posts.conftest import BODIES, HEADINGS, Desk, meta, outline
from tests.content.posts.test_tiny import END, PLAN
from tests.content.posts.test_tiny import ONE as SMALL_ONE
from tests.content.posts.test_tiny import THREE as SMALL_THREE
from tests.content.posts.test_tiny import TWO as SMALL_TWO
from tests.support.scripted_openai import Text
from tests.support.voices import chatty, stiff

from blogai.brand import voice
from blogai.brand.brief import VoiceBrief, paragraphs
from blogai.brand.models import Profile
from blogai.content.operation import Written
from blogai.content.posts import PostOperation, PostRequest
from blogai.content.posts.tiny.section import ANSWERS

MakeDesk = Callable[..., Awaitable[Desk]]

FINGERPRINT = voice.train([chatty(seed) for seed in range(4)])
ONE, TWO, THREE = map(Text, BODIES)
OWN = "Ask the owner first, won't you? I didn't, and honestly, that hive's as heavy as a grown man in August!"
CHATTY = (
    OWN,
    "Start with one gentle colony from a keeper nearby! She knows the weather, she'll answer the phone, and"
    " you won't feel silly.",
    "You know what? We told the neighbours early, and it's paid off. A jar of honey in July, and they're kinda in"
    " love with the bees!",
)


def told_in(desk: Desk, number: int) -> str:
    """All that the model was told in a call."""
    return "\n".join(str(message["content"]) for message in desk.server.requests[number].body["messages"])


def brief(**changes: object) -> VoiceBrief:
    now = datetime.now(UTC)
    values = {
        "id": uuid4(), "created_at": now, "updated_at": now, "name": "Acme", "slug": "acme",
        "tone_keywords": ["cheeky"], "writing_style": "casual", "example_content": None, "industry": None,
        "target_audience": "home bakers", "preferred_words": [], "avoid_words": [], "brand_values": [],
        "content_themes": [], "is_active": True, "is_default": False, "training_status": "trained",
        "training_quality": 0.5, "sample_count": 4, "voice_fingerprint_id": uuid4(), "trained_at": now,
        "embedding_model": FINGERPRINT.embedding_model, "needs_training": None, **changes,
    }  # fmt: skip
    passages = tuple(part for seed in range(4) for part in paragraphs(chatty(seed)))
    return VoiceBrief(Profile.model_validate(values), FINGERPRINT, passages, primary=3)


async def write(desk: Desk, chosen: VoiceBrief | None, **inputs: object) -> Written:
    request = PostRequest.parse({"topic": "Bees on a roof", **inputs})
    return await PostOperation(request, voice=chosen, seed=1).run(desk.writer)


async def test_the_model_is_told_of_the_voice_and_the_post_is_scored(desk: MakeDesk) -> None:
    bench, chosen = await desk(outline(), ONE, TWO, THREE, meta()), brief(avoid_words=["synergy"])
    written = await write(bench, chosen)
    asked = told_in(bench, 1)
    assert "Readers: home bakers" in asked
    assert "Tone: cheeky" in asked
    assert "Never use: synergy" in asked
    assert FINGERPRINT.voice_summary in asked
    assert chosen.passages[0][:60] in asked
    told = written.metadata["voice"]
    assert (told["slug"], told["before"], told["rounds"]) == ("acme", told["after"], [])
    (score,) = written.scores
    assert score.profile_id == chosen.profile_id
    assert score.overall_score == voice.score(FINGERPRINT, written.output)
    assert score.feedback["stage"] == "final"
    for sentence in score.feedback["sentences"]:
        assert written.output[sentence["start"] : sentence["end"]] == sentence["text"]


async def test_without_a_voice_nothing_is_told_or_scored(desk: MakeDesk) -> None:
    bench = await desk(outline(), ONE, TWO, THREE, meta())
    written = await write(bench, None)
    assert "voice" not in told_in(bench, 1)
    assert "voice" not in written.metadata
    assert list(written.scores) == []


async def test_a_rewrite_replaces_what_it_makes_better(desk: MakeDesk) -> None:
    bench = await desk(outline(), ONE, TWO, THREE, meta(), Text(OWN), *[Text(stiff(2, 2))] * 2)
    written = await write(bench, brief(), rewrites=1)
    told = written.metadata["voice"]
    assert told["after"] > told["before"]
    (only,) = told["rounds"]
    assert (only["round"], only["tried"], only["replaced"]) == (1, 3, 1)
    assert only["tokens"]["input"] > 0 < only["tokens"]["output"]
    assert OWN in written.output
    assert "committee" not in written.output
    assert sum(body in written.output for body in BODIES) == 2
    draft, final = written.scores
    assert (draft.feedback["stage"], final.feedback["stage"]) == ("draft", "final")
    assert final.overall_score > draft.overall_score
    asked = bench.asked(5)
    assert any(body in asked for body in BODIES)
    assert "What does not sound like the brand yet" in asked
    progress: list[Any] = bench.events("progress")
    notes = [str(data["note"]) for data in progress if data["step"] == "voice"]
    before, after = f"{told['before']:.0%}", f"{told['after']:.0%}"
    assert notes == [
        f"The draft scores {before} in the voice Acme",
        f"{before} so far; rewriting the worst passages (round 1 of 1)",
        f"{after} with a passage rewritten (round 1 of 1)",
        f"{before} before, {after} after round 1 of 1: 1 of 3 passages rewritten",
    ]
    assert bench.read.count("## ") == len(HEADINGS)
    assert OWN in bench.read  # readers who follow get the passage as soon as it is in
    assert written.output.endswith(bench.read + "\n")
    (change,) = only["changes"]
    assert change["before"] in BODIES
    assert (change["after"], change["score"]) == (OWN, told["after"])


async def test_rounds_end_at_the_target(desk: MakeDesk) -> None:
    bench = await desk(outline(), *map(Text, CHATTY), meta())
    written = await write(bench, brief(), rewrites=3, voice_target=0.5)
    assert written.metadata["voice"]["reached"]
    assert written.metadata["voice"]["rounds"] == []


async def test_a_broken_rule_is_sent_back_even_at_the_target(desk: MakeDesk) -> None:
    dirty = OWN + " We leverage it, don't we?"
    texts = [Text(dirty), *map(Text, CHATTY[1:])]
    bench = await desk(outline(), *texts, meta(), Text(OWN), *[Text("No.")] * 2)
    written = await write(bench, brief(avoid_words=["leverage"]), rewrites=2, voice_target=0.1)
    assert "leverage" not in written.output
    assert "Do not use 'leverage'" in bench.asked(5)
    assert written.metadata["voice"]["rules_passed"]
    assert len(written.metadata["voice"]["rounds"]) == 1


@pytest.mark.parametrize(
    "bad",
    [
        "Sure! Here is the passage: " + OWN,
        "## A heading\n\n" + OWN,
        "Short.",
        " ".join([chatty(5), chatty(6)]).replace("\n\n", " "),
        OWN.rstrip("!.?") + " and then",
    ],
    ids=["chat", "heading", "short", "long", "unfinished"],
)
async def test_an_unusable_rewrite_changes_nothing(desk: MakeDesk, bad: str) -> None:
    bench = await desk(outline(), ONE, TWO, THREE, meta(), *[Text(bad)] * 3)
    written = await write(bench, brief(), rewrites=1)
    assert all(body in written.output for body in BODIES)
    assert written.metadata["voice"]["rounds"][0]["replaced"] == 0


async def test_a_copied_sample_is_no_rewrite(desk: MakeDesk) -> None:
    chosen = brief()
    copied = chosen.best_passages(BODIES[0], 1, 120)[0]
    bench = await desk(outline(), ONE, TWO, THREE, meta(), *[Text(copied)] * 3)
    written = await write(bench, chosen, rewrites=1)
    assert copied not in written.output


async def test_a_small_model_is_told_little_and_may_rewrite(desk: MakeDesk) -> None:
    chosen = brief()
    better = "You know, honey bees aren't fussy! Their hives stand on roofs and balconies, and they'll find your herbs."
    sections = [text for text in (SMALL_ONE, SMALL_TWO, SMALL_THREE) for _ in range(ANSWERS)]
    bench = await desk(PLAN, *sections, *END, *[Text(better)] * 3, kind="local")
    written = await write(bench, chosen, topic="Urban beekeeping", words=100, rewrites=1)
    assert written.metadata["voice"]["answers"] == ANSWERS
    assert f"You sound {chosen.manner}" in told_in(bench, 1)
    assert "You write like this: " in told_in(bench, 1)
    assert len(told_in(bench, 1)) < 700
    assert written.metadata["voice"]["rounds"][0]["tried"] == 3
    assert written.metadata["voice"]["after"] >= written.metadata["voice"]["before"]


async def test_of_several_texts_of_a_section_the_one_most_in_voice_is_kept(desk: MakeDesk) -> None:
    dull = Text(
        "Honey bees live in a box of wood. The box stands on one of the roofs near a park with many trees. It is"
        " inspected once a week there, and the frames are counted and returned."
    )
    lively = Text(
        "Honey bees aren't fussy, are they? You'll find them on roofs in town, and honestly, they've got plenty!"
        " Balcony herbs won't last an hour, and that's what you'll love about those busy little things."
    )
    bench = await desk(PLAN, dull, lively, dull, *[SMALL_TWO] * 3, *[SMALL_THREE] * 3, *END, kind="local")
    written = await write(bench, brief(), topic="Urban beekeeping", words=100)
    assert str(lively.text) in written.output
    assert "inspected once" not in bench.read
    notes = [str(data["note"]) for data in bench.events("progress") if data["step"] == "answers"]
    assert notes[:2] == [f"Section 1 of 3: text {n} of 3, to keep the one most like Acme" for n in (1, 2)]
    assert len(notes) == 3 * ANSWERS
    assert bench.writer.tokens.output > 0


def test_passages_come_from_primary_samples_first_then_by_subject() -> None:
    chosen = brief()
    found = chosen.best_passages("baking another batch", 20, 60)
    assert {one[:30] for one in found[:3]} == {one[:30] for one in chosen.passages[:3]}
    assert all(len(one.split()) <= 120 for one in found)
    assert chosen.best_passages("x", 2, 60) == chosen.best_passages("x", 2, 60)
