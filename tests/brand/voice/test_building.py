"""Building the space of word vectors: the model's tokens, what is learnt of brands, and who may judge whom."""

import numpy as np
import pytest
from benchmarks.voice_authors import read_pod
from benchmarks.voice_building import steadiness
from benchmarks.voice_space import Means, learn, left_out, values
from benchmarks.voice_vectors import Vocabulary, shipped
from scipy import sparse


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return shipped()


def test_words_are_spelled_by_the_merges_of_the_model(vocabulary: Vocabulary) -> None:
    assert vocabulary.tokens(" however") == ["\u0120however"]
    spelled = vocabulary.tokens(" brandco")
    assert len(spelled) > 1
    assert "".join(spelled) == "\u0120brandco"


def test_vectors_of_like_words_are_alike_and_rounding_keeps_that(vocabulary: Vocabulary) -> None:
    words = ["however", "although", "server"]
    exact = np.array([vocabulary.vector(word) for word in words])
    levels, scale = vocabulary.rounded(words)
    for vectors in (exact, levels * scale.astype(float)[:, None]):
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        assert unit[0] @ unit[1] > unit[0] @ unit[2] + 0.1
    assert np.abs(levels).max() == 7


def brands(rng: np.random.Generator, count: int, axis: int, width: int = 12) -> Means:
    """Brands that differ along one axis and whose pieces vary most along another."""
    brand = np.repeat(np.arange(count), 30)
    vector = rng.normal(size=(len(brand), width)) * np.where(np.arange(width) == 5, 9.0, 1.0)
    vector[:, axis] += rng.normal(size=count)[brand] * 4
    return Means(vector.astype(np.float32), np.full(len(brand), 560.0), brand)


def test_what_brands_differ_in_leads_and_tells_new_brands_apart() -> None:
    rng = np.random.default_rng(8)
    known, none = brands(rng, 10, 2), Means(np.zeros((0, 12), np.float32), np.zeros(0), np.zeros(0, int))
    learnt = learn(known, none)
    assert np.abs(learnt.projection[:, 0]).argmax() == 2
    assert learnt.spread[0] > 5 > learnt.spread[-1]
    new = brands(rng, 6, 2)
    texts, voices = new.of(np.arange(0, 180, 30)), new.of(np.arange(1, 180, 30))
    ratio = values(learnt, texts, voices)
    assert np.diag(ratio).mean() > ratio.mean() + 1


def test_every_pair_is_judged_once_by_a_space_that_knows_neither() -> None:
    seen = np.zeros((18, 18), int)
    for left, served in left_out(18):
        seen += served
        assert served[np.ix_(left, left)].sum() == served.sum()
        assert len(left) == 6
    assert (seen == 1).all()


POD = """
package Tidy;
sub tidy { "This is code, it is no prose at all, whatever it may say." }

=head1 NAME

Tidy::Box - a name with a title is nothing that somebody wrote in sentences, is it.

=head1 DESCRIPTION

You hand C<tidy> a list of B<boxes> and get back I<the same> list, see L<the guide|Tidy::Guide> and C<< $box->open >>.

    This is indented, so it is an example of code and not prose either, my friend.

=head2 Why it sorts

Nobody likes a shelf where the large boxes hide the small ones, so small ones come first.

=head1 AUTHOR

Written with care. C<< Ada Example <ada@example.org> >>

=cut

More code here that looks just like a sentence of eight words or more, does it not?
"""


def test_prose_of_a_module_is_what_its_author_wrote_in_sentences() -> None:
    paragraphs, author = read_pod(POD)
    assert paragraphs == [
        "You hand tidy a list of boxes and get back the same list, see the guide and X.",
        "Nobody likes a shelf where the large boxes hide the small ones, so small ones come first.",
    ]
    assert author is None, "a sentence is no name"
    assert read_pod(POD.replace("Written with care. ", ""))[1] == "ada example"


def test_what_changes_with_the_subject_of_an_author_is_not_steady() -> None:
    rng = np.random.default_rng(3)
    brand, author = np.repeat(np.arange(6), 20), np.repeat(np.arange(12), 8)
    # Column 0 stays with writers; column 1 stays with brands, which have one subject each, but not with authors.
    of_brand = np.c_[rng.normal(3, 1, 6)[brand], rng.normal(3, 1, 6)[brand]]
    of_author = np.c_[rng.normal(3, 1, 12)[author], rng.normal(3, 1, len(author))]
    pieces = sparse.csr_matrix(np.abs(of_brand + rng.normal(0, 0.5, of_brand.shape)))
    packages = sparse.csr_matrix(np.abs(of_author + rng.normal(0, 0.5, of_author.shape)))
    alone = steadiness(pieces, brand, packages[:0], author[:0], 0.5)
    both = steadiness(pieces, brand, packages, author, 0.5)
    assert alone.min() > 2
    assert both[0] > 1.5 * both[1]
    unknown = sparse.csr_matrix((len(author), 2))
    assert np.allclose(steadiness(pieces, brand, unknown, author, 0.5), alone)
    assert (steadiness(pieces * 0, brand, packages, author, 0.5) == 1).all()
