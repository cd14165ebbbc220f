"""Rounds in which something goes wrong: the best version is kept, and nothing that was written is lost."""

import asyncio
from typing import Any

import pytest
from tests.content.posts.conftest import BODIES, meta, outline
from tests.content.posts.test_voicing import ONE, OWN, THREE, TWO, MakeDesk, brief, write
from tests.support.scripted_openai import Failure, Stall, Text

from blogai.brand import voice
from blogai.content import voice_story, wellformed
from blogai.errors import InvalidInput


async def test_a_model_that_fails_in_a_round_leaves_the_best_version(desk: MakeDesk) -> None:
    bench = await desk(outline(), ONE, TWO, THREE, meta(), Text(OWN), Failure(500))
    written = await write(bench, brief(), rewrites=3)
    assert wellformed.faults(written.output) == []
    assert written.title == "Bees above the street"
    assert OWN in written.output
    told = written.metadata["voice"]
    (only,) = told["rounds"]  # no further round is tried
    assert (only["tried"], only["replaced"]) == (2, 1)
    assert only["problem"]
    assert only["tokens"]["output"] > 0
    assert any("ended early" in line for line in voice_story.story(told))
    assert [score.feedback["stage"] for score in written.scores] == ["draft", "final"]
    notes = [str(data["note"]) for data in bench.events("progress")]
    assert notes[-1].endswith(f"1 of 2 passages rewritten. It ended early: {only['problem']}")


async def test_the_same_text_in_two_places_is_taken_once(desk: MakeDesk) -> None:
    bench = await desk(outline(), ONE, TWO, THREE, meta(), *[Text(OWN)] * 3)
    written = await write(bench, brief(), rewrites=1)
    assert wellformed.faults(written.output) == []
    assert written.output.count(OWN) == 1
    assert written.metadata["voice"]["rounds"][0]["replaced"] == 1


async def test_a_passage_with_which_the_text_cannot_be_scored_is_not_taken(
    desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assess = voice.assess

    def strict(fingerprint: Any, text: str, **rules: Any) -> Any:
        if OWN in text:
            raise InvalidInput("The text is in another language.", field="text")
        return assess(fingerprint, text, **rules)

    monkeypatch.setattr(voice, "assess", strict)
    bench = await desk(outline(), ONE, TWO, THREE, meta(), *[Text(OWN)] * 3)
    written = await write(bench, brief(), rewrites=1)
    assert all(body in written.output for body in BODIES)


async def test_a_run_that_is_cut_off_in_a_round_has_the_whole_post_with_its_scores(desk: MakeDesk) -> None:
    bench = await desk(outline(), ONE, TWO, THREE, meta(), Text(OWN), Stall())
    task = asyncio.create_task(write(bench, brief(), rewrites=1))
    while len(bench.server.requests) < 7:
        bench.server.arrived.clear()
        await bench.server.arrived.wait()
    bench.writer.cancel()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    kept = bench.writer.kept
    assert kept is not None
    assert wellformed.faults(kept.output) == []
    assert kept.output.startswith("# Bees above the street\n")
    assert kept.output.count(OWN) == 1
    (only,) = kept.metadata["voice"]["rounds"]
    assert (only["tried"], only["replaced"]) == (1, 1)
    draft, final = kept.scores
    assert final.overall_score == voice.score(brief().fingerprint, kept.output) > draft.overall_score


async def test_a_fallback_of_another_kind_rewrites_when_the_first_one_fails(desk: MakeDesk) -> None:
    better = "You know, hives aren't light! A hive weighs as much as a grown man, so ask the owner what it'll bear."
    bench = await desk(
        outline(), ONE, TWO, THREE, meta(), Failure(401), spare=("local", (Text(better), Text(better), Text(better)))
    )
    written = await write(bench, brief(), rewrites=1)
    assert "problem" not in written.metadata["voice"]["rounds"][0]
    assert len(bench.spare.requests) == 3


async def test_a_post_that_cannot_be_scored_says_why(desk: MakeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise InvalidInput("The text is in another language than the samples of this voice.", field="text")

    monkeypatch.setattr(voice, "assess", refuse)
    bench = await desk(outline(), ONE, TWO, THREE, meta())
    written = await write(bench, brief(), rewrites=2)
    assert written.metadata["voice_problem"] == "The text is in another language than the samples of this voice."
    assert "voice" not in written.metadata
    assert list(written.scores) == []
    (told,) = [str(data["note"]) for data in bench.events("progress") if data["step"] == "voice"]
    assert told.startswith("The voice cannot be scored: The text is in another language")
