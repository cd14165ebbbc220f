"""Two versions of a text: the paragraphs and words that differ."""

from blogai.web.comparison import MOST_TOKENS, changed_paragraphs, marked, related, side_by_side


def test_only_paragraphs_that_differ_are_paired() -> None:
    before, after = "Same.\n\nOld one.\n\nEnd.", "Same.\n\nNew one.\n\nMore.\n\nEnd."
    assert changed_paragraphs(before, after) == [("Old one.", "New one."), ("", "More.")]
    assert changed_paragraphs(before, before) == []


def test_words_that_differ_are_marked_and_escaped() -> None:
    assert marked("the old <b> way", "the new <b> way") == (
        "the <del>old</del> &lt;b&gt; way",
        "the <ins>new</ins> &lt;b&gt; way",
    )
    assert marked("", "<i>") == ("", "<ins>&lt;i&gt;</ins>")


def test_a_paragraph_without_an_end_is_compared_by_sentences() -> None:
    lines = [f"Line {number} of the log says nothing new." for number in range(2_000)]
    before, after = " ".join(lines), " ".join([*lines[:900], "Line 900 says it all.", *lines[901:]])
    left, right = marked(before, after)
    assert "Line 900 <del>of the log </del>says <del>nothing</del> <del>new</del>. Line 901 of" in left
    assert "Line 900 says <ins>it</ins> <ins>all</ins>. Line 901 of" in right
    assert (left.count("<del>"), right.count("<ins>")) == (3, 2)
    words = "word " * MOST_TOKENS
    assert marked(f"{words}one", f"{words}two") == (f"<del>{words}one</del>", f"<ins>{words}two</ins>")


def test_many_equal_paragraphs_are_left_out() -> None:
    before = ["The same line."] * 1_000
    html = side_by_side("\n\n".join(before), "\n\n".join(["Another.", *before[1:]]), titles=("<Before>", "After"))
    assert html.count('class="prose was"') == html.count('class="prose now"') == 1
    assert html.startswith('<div class="small muted">&lt;Before&gt;</div>')


def test_versions_of_one_text_are_told_from_two_texts() -> None:
    first = "The oven was cold again this morning, so I lit it by hand and then I waited for the bricks."
    edited = "The oven was cold again today. I lit it by hand and then I waited. Nobody came."
    other = "The mill is run by two sisters, and I take what they send me in the morning, cold or not."
    assert related(first, edited)
    assert related(first, f"{other}\n\n{first}")
    assert not related(first, other)
    assert not related("", first)
