"""Text that PostgreSQL can keep."""

import json

import pytest

from blogai.content.text import clean, clean_text, storable_json
from blogai.errors import InvalidInput


def test_nul_and_half_pairs_leave_the_text_of_a_model() -> None:
    assert clean_text("a\x00b") == "ab"
    assert clean_text("a\ud83d") == "a\N{REPLACEMENT CHARACTER}"
    assert clean([float("nan"), float("-inf"), 1.5]) == [None, None, 1.5]
    assert clean({"k\x00": ["x\x00", {"y": ("\udc00", 1)}]}) == {"k": ["x", {"y": ["\N{REPLACEMENT CHARACTER}", 1]}]}


def test_emoji_and_other_scripts_stay() -> None:
    assert clean_text("🐝 النحل 蜂") == "🐝 النحل 蜂"


@pytest.mark.parametrize(
    ("inputs", "field"),
    [
        ({"topic": "bees\x00"}, "topic"),
        ({"keywords": ["ok", "\ud800"]}, "keywords"),
        ({"more": {"deep": "\x00"}}, "more.deep"),
        ({"temperature": float("nan")}, "inputs"),
        ({"topic": object()}, "inputs"),
    ],
)
def test_inputs_that_cannot_be_stored_are_refused(inputs: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        storable_json(inputs)
    assert refusal.value.field == field


def test_the_same_inputs_give_the_same_json() -> None:
    assert storable_json({"b": 1, "a": "é"}) == storable_json({"a": "é", "b": 1})
    assert json.loads(storable_json({"a": "é"})) == {"a": "é"}
