"""The heat map: every word of the text, and a mark for every hit that a list can jump to."""

import re

from tests.brand.voice.writing import post, posts

from blogai.brand import voice
from blogai.brand.pages.scoring import heat


def test_hits_are_marked_in_sentences_headings_and_tables() -> None:
    text = f"# Leverage it\n\n{post('plain', 3, 6)} We leverage <it>.\n\n| leverage | b |\n\nThe end.\n## leverage"
    found = voice.assess(voice.train(posts("plain", 2)), text, avoid_words=["leverage"])
    html = heat(text, found)
    marked = [int(at) for at in re.findall(r'id="hit-(\d+)"', html)]
    assert marked == [hit.start for hit in found.rules.avoided]
    assert len(marked) == 4
    plain = re.sub(r"<[^>]*>", "", html).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert plain.replace("&#x27;", "'").replace("&#39;", "'") == text
