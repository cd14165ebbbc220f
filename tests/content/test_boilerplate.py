"""What belongs to a chat and not into a post."""

import pytest

from blogai.content.boilerplate import boilerplate, chatter, opening, own_text, placeholder


@pytest.mark.parametrize(
    "text",
    [
        "Sure, here is your post.",
        "Sure! Bees are",
        "Certainly! Bees are",
        "Of course, bees",
        "Here is a section about bees",
        "Here's the text:",
        "Dear reader,",
        "Hello everyone! Today",
        "Hi there, bees",
        "Welcome to our blog",
        "Title: Bees",
        "**Introduction:** Bees",
        "What a fascinating topic!",
        "I'm happy to help",
        "I can help you write this.",
        "Below is a post",
    ],
)
def test_openings_of_a_chat(text: str) -> None:
    assert opening(text)


@pytest.mark.parametrize(
    "text",
    [
        "Bees are insects.",
        "Sure footing matters on a roof.",
        "Certainly bees need water.",
        "Hi-fi systems hum.",
        "Heredity decides much.",
        "Great cities have bees.",
        "Of course bees sting.",
        "Deer eat clover.",
        "Notes help.",
        "«Bees» are insects.",
    ],
)
def test_openings_of_a_post(text: str) -> None:
    assert opening(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "As an AI, I cannot keep bees.",
        "As an AI language model I have no roof.",
        "Let me know if you need more.",
        "Feel free to ask me.",
        "I hope this helps!",
        "Best regards, a beekeeper.",
        "Thank you for reading.",
        "Lorem ipsum dolor sit amet.",
        "(Word count: 250)",
    ],
)
def test_chatter_anywhere(text: str) -> None:
    assert chatter(f"Bees need water. {text}")


@pytest.mark.parametrize("text", ["Ask a vet as an aid.", "I hope this winter is mild.", "Feel free on a roof."])
def test_prose_that_only_resembles_chatter(text: str) -> None:
    assert chatter(text) is None


@pytest.mark.parametrize(
    "text", ["Dr [Name] says", "Call {{phone}}", "<company> grows", "XXXX bees", "Fill in ____", "TODO"]
)
def test_placeholders(text: str) -> None:
    assert placeholder(text)


@pytest.mark.parametrize("text", ["See [the guide](https://example.org).", "if a < b and c > d", "XX", "a_b"])
def test_brackets_that_are_no_placeholders(text: str) -> None:
    assert placeholder(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "In this post, bees",
        "This article explains",
        "The first paragraph says",
        "In this guide",
        "With bees in mind, the essay will delve into honey.",
    ],
)
def test_text_about_itself(text: str) -> None:
    assert own_text(text)


@pytest.mark.parametrize(
    "text", ["The post office opens.", "Newspaper articles praise bees.", "A guide helps.", "The essay won."]
)
def test_text_about_other_texts(text: str) -> None:
    assert own_text(text) is None


def test_boilerplate_is_any_of_them() -> None:
    assert boilerplate("Sure, bees.") == "Sure,"
    assert boilerplate("Bees of [Name].") == "[Name]"
    assert boilerplate("Bees. As an AI, no.") == "As an AI"
    assert boilerplate("Bees need water.") is None
