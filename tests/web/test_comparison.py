"""Two versions of a text: the paragraphs and words that differ."""

from blogai.web.comparison import changed_paragraphs, marked


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
