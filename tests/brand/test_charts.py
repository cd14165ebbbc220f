"""The charts of a trained voice."""

import pytest
from tests.support.voices import chatty

from blogai.brand import voice
from blogai.brand.pages import charts


def test_sentence_lengths_stand_next_to_those_of_the_average_writer() -> None:
    trained = voice.train([chatty(seed) for seed in range(3)])
    options = charts.sentence_lengths(trained)
    own, usual = options["series"]
    assert [own["name"], usual["name"]] == ["This voice", "Average writer"]
    assert len(own["data"]) == len(usual["data"]) == len(options["xAxis"]["data"])
    for series in (own, usual):
        assert sum(series["data"]) == pytest.approx(100, abs=0.5)
    assert own["data"] != usual["data"]
    assert options["xAxis"]["data"][0] == "0-4"
    assert options["xAxis"]["data"][-1] == "60+"
