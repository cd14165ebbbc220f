"""What a background is built from: every post whole, cut into pieces as long as a sample."""

from benchmarks.voice_corpus import SAMPLE_WORDS, SHORTEST, head, pieces


def numbered(first: int, last: int) -> str:
    return " ".join(str(n) for n in range(first, last))


def test_pieces_follow_each_other_and_keep_paragraphs() -> None:
    text = "\n\n".join((numbered(0, 300), numbered(300, 700), numbered(700, 1300)))
    found = pieces(text)
    assert found[0] == head(text) == "\n\n".join((numbered(0, 300), numbered(300, 500)))
    assert found[1] == "\n\n".join((numbered(500, 700), numbered(700, 1000)))
    assert " ".join(found).split() == text.split()


def test_short_rest_is_left_out_unless_it_is_alone() -> None:
    assert len(pieces(numbered(0, SAMPLE_WORDS + SHORTEST))) == 2
    assert pieces(numbered(0, SAMPLE_WORDS + SHORTEST - 1)) == [numbered(0, SAMPLE_WORDS)]
    assert pieces("only three words") == ["only three words"]
