"""What may be asked for, and how each refusal names its field and the remedy."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blogai.content.posts import MAX_WORDS, MIN_WORDS, TONES, PostOperation, PostRequest
from blogai.errors import InvalidInput


def parse(**inputs: Any) -> PostRequest:
    return PostRequest.parse({"topic": "Urban beekeeping", **inputs})


def refusal(**inputs: Any) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        parse(**inputs)
    assert caught.value.remedy
    assert str(caught.value.field) in caught.value.message
    return caught.value


@pytest.mark.parametrize("topic", ["", "   ", "\n\t ", "\u200b\u200d", "\u3000"])
def test_empty_and_blank_topics_are_refused(topic: str) -> None:
    error = refusal(topic=topic)
    assert (error.field, error.message) == ("topic", "topic is empty.")
    assert "1 to 500" in str(error)


def test_500_characters_pass_and_501_are_refused() -> None:
    assert len(parse(topic="  " + "x" * 500 + " ").topic) == 500
    assert refusal(topic="x" * 501).message == "topic is longer than 500 characters."


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\n", "\x85", "\u2028", "\ud800"])
def test_control_characters_are_refused(character: str) -> None:
    error = refusal(topic=f"bees{character}wasps")
    assert error.field == "topic"
    assert f"U+{ord(character):04X}" in error.message or "unicode" in error.message
    assert refusal(keywords=[f"a{character}b"]).field == "keywords.0"


@pytest.mark.parametrize("topic", ["تربية النحل في المدينة", "גידול דבורים", "🐝🏙️", "👩‍🌾 gardening", "都市養蜂", "x"])
def test_topics_in_any_script_and_emoji_pass(topic: str) -> None:
    assert parse(topic=topic).topic == topic


def test_a_topic_is_trimmed_and_composed() -> None:
    assert parse(topic="  Cafe\u0301 culture ").topic == "Café culture"


def test_20_keywords_pass_and_21_are_refused() -> None:
    assert len(parse(keywords=[f"word {n}" for n in range(20)]).keywords) == 20
    error = refusal(keywords=[f"word {n}" for n in range(21)])
    assert (error.field, error.message) == ("keywords", "keywords has more than 20 entries.")


def test_keywords_have_1_to_100_characters() -> None:
    assert parse(keywords=["x" * 100])
    assert refusal(keywords=["ok", "x" * 101]).field == "keywords.1"
    assert refusal(keywords=["ok", " "]).field == "keywords.1"


def test_repeated_keywords_are_dropped() -> None:
    assert parse(keywords=["Hive", "roof", "hive", "HIVE"]).keywords == ("Hive", "roof")


def test_an_unknown_tone_is_refused_and_the_known_are_listed() -> None:
    error = refusal(tone="angry")
    assert error.field == "tone"
    assert all(tone in str(error) for tone in TONES)
    assert [parse(tone=tone).tone for tone in TONES] == list(TONES)


@pytest.mark.parametrize("words", [MIN_WORDS - 1, MAX_WORDS + 1, -250, 0, "many", 250.5, None])
def test_words_out_of_range_are_refused(words: Any) -> None:
    error = refusal(words=words)
    assert error.field == "words"
    assert f"{MIN_WORDS} to {MAX_WORDS}" in str(error)


@pytest.mark.parametrize("conversation_id", ["a b", "a\n", "x" * 101, "", "é", "a/b"])
def test_a_wrong_conversation_id_is_refused(conversation_id: str) -> None:
    assert refusal(conversation_id=conversation_id).field == "conversation_id"
    assert parse(conversation_id="Ab-9_" * 20).conversation_id


def test_unknown_and_missing_inputs_are_refused_by_name() -> None:
    assert refusal(research=True).field == "research"
    with pytest.raises(InvalidInput, match="topic is missing"):
        PostRequest.parse({})
    assert refusal(topic=7).field == "topic"
    assert refusal(keywords="bees").field == "keywords"


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*PostRequest.model_fields, "other"]),
        st.none() | st.text(max_size=20) | st.integers() | st.lists(st.text(max_size=5), max_size=3),
    )
)
def test_whatever_comes_is_accepted_or_refused_by_field(inputs: dict[str, Any]) -> None:
    try:
        request = PostRequest.parse(inputs)
    except InvalidInput as refused:
        field = refused.field
    else:
        assert PostRequest.parse(request.model_dump()) == request
        return
    assert field is not None


def test_the_operation_tells_its_inputs_as_json() -> None:
    operation = PostOperation(parse(keywords=["hive"], words=250))
    assert json.loads(json.dumps(dict(operation.inputs))) == {
        "topic": "Urban beekeeping",
        "keywords": ["hive"],
        "tone": "informative",
        "words": 250,
    }
    assert (operation.tool_id, operation.operation_type, operation.units) == ("blog-post-generator", "blog", 1)
