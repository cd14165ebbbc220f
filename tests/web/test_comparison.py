"""Two versions of a text: the paragraphs and words that differ."""

from blogai.web.comparison import changed_paragraphs, marked, related


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


def test_versions_of_one_text_are_told_from_two_texts() -> None:
    first = "The oven was cold again this morning, so I lit it by hand and then I waited for the bricks."
    edited = "The oven was cold again today. I lit it by hand and then I waited. Nobody came."
    other = "The mill is run by two sisters, and I take what they send me in the morning, cold or not."
    assert related(first, edited)
    assert related(first, f"{other}\n\n{first}")
    assert not related(first, other)
    assert not related("", first)
