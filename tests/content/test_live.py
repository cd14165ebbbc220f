"""A reader's picture of a text in the making."""

from blogai.content.live import LiveText
from blogai.content.models import Event, text_of

EVENTS = [
    Event(1, "started", {}),
    Event(2, "outline", {"title": "Bees", "sections": ["Start", "Care"]}),
    Event(3, "section", {"title": None, "text": "# Bees\n\n"}),
    Event(4, "section", {"title": "Start", "text": "## Start\n\n"}),
    Event(5, "delta", {"text": "Bad"}),
    Event(6, "restart", {}),
    Event(7, "delta", {"text": "Good"}),
    Event(8, "section", {"title": "Care", "text": "\n\n## Care\n\n"}),
    Event(9, "delta", {"text": "Feed them."}),
    Event(10, "finished", {"title": "Bees at home"}),
]


def test_the_picture_agrees_with_the_events() -> None:
    live = LiveText()
    for count, event in enumerate(EVENTS, 1):
        live.apply(event)
        assert live.text == text_of(EVENTS[:count])
    assert live.text == "# Bees\n\n## Start\n\nGood\n\n## Care\n\nFeed them."
    assert (live.title, live.restarts, live.ended, live.progress) == ("Bees at home", 1, "finished", 1.0)
    assert [part.title for part in live.sections] == live.outline == ["Start", "Care"]


def test_progress_grows_and_repeats_change_nothing() -> None:
    live = LiveText()
    seen = []
    for event in EVENTS:
        live.apply(event)
        seen.append(live.progress)
    assert seen == sorted(seen)
    before = (live.text, live.changed)
    live.apply(EVENTS[4])
    assert (live.text, live.changed) == before


def test_a_rewritten_passage_takes_the_place_of_the_old_one() -> None:
    live = LiveText()
    voice = {"before": 0.4, "after": 0.4, "rounds": []}
    change = {"before": "Good", "after": "Better"}
    rewritten = [
        *EVENTS[:-1],
        Event(10, "progress", {"step": "voice", "note": "40% so far", "voice": voice}),
        Event(11, "progress", {"step": "voice", "note": "57% so far", "change": change}),
        Event(12, "progress", {"step": "voice", "note": "58% so far", "change": {"before": "gone", "after": "x"}}),
    ]
    for event in rewritten:
        live.apply(event)
    assert live.text == text_of(rewritten) == "# Bees\n\n## Start\n\nBetter\n\n## Care\n\nFeed them."
    assert (live.status, live.voice) == ("58% so far", voice)


def test_the_status_says_how_far_it_is() -> None:
    live = LiveText()
    assert live.status == "Planning the outline ..."
    for event in EVENTS[:7]:
        live.apply(event)
    assert live.status == "Section 1 of 2 · 5 words"


def test_the_last_part_is_done_when_a_title_is_sought() -> None:
    live = LiveText()
    seen = []
    for event in [*EVENTS[:-1], Event(10, "progress", {"step": "writing"}), Event(11, "progress", {"step": "meta"})]:
        live.apply(event)
        seen.append(live.current)
    assert seen == [0] * 7 + [1, 1, 1, 2]
