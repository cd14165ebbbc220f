"""A text in another language than the samples is refused; one in their language never is."""

import random

import pytest

from blogai.brand import voice
from blogai.brand.voice.features import word_amounts
from blogai.brand.voice.fingerprint import Fingerprint
from blogai.brand.voice.language import language, require_language, shared
from blogai.brand.voice.tokens import words
from blogai.errors import InvalidInput

_PARTS = {
    "german": [
        ["Am Morgen", "Nach der Pause", "Im letzten Jahr", "Wie immer", "Mit etwas Glück"],
        ["öffnet die Bäckerei", "findet der Gärtner", "verkauft das kleine Geschäft", "prüft die Leiterin"],
        ["eine Kiste mit Äpfeln,", "den Schlüssel zum Keller,", "das alte Rezept für Brot,", "die Rechnung der Woche,"],
        [
            "weil es nicht anders geht",
            "und niemand ist mehr da",
            "obwohl sie auf den Regen wartet",
            "wenn er noch will",
        ],
    ],
    "french": [
        ["Le matin", "Après la pause", "Depuis un an", "Comme toujours", "Avec un peu de chance"],
        ["la boulangerie ouvre", "le jardinier trouve", "la petite boutique vend", "notre directrice regarde"],
        ["une caisse de pommes,", "la clé de la cave,", "cette recette pour du pain,", "les comptes de la semaine,"],
        ["parce que c'est ainsi", "et il n'y a plus personne", "même si elle attend la pluie", "quand on le veut bien"],
    ],
    "russian": [
        ["Утром", "После перерыва", "В прошлом году", "Как всегда", "Если повезёт,"],
        ["пекарня открывает", "садовник находит", "маленький магазин продаёт", "наша начальница проверяет"],
        ["ящик с яблоками,", "ключ от подвала,", "старый рецепт хлеба,", "счета за неделю,"],
        ["потому что так надо", "и больше никого нет", "хотя она ждёт дождя", "когда он этого хочет"],
    ],
    "ukrainian": [
        ["Вранці", "Після перерви", "Минулого року", "Як завжди", "Якщо пощастить,"],
        ["пекарня відчиняє", "садівник знаходить", "маленька крамниця продає", "наша керівниця перевіряє"],
        ["скриню з яблуками,", "ключ від льоху,", "старий рецепт хліба,", "рахунки за тиждень,"],
        ["бо так треба", "і більше нікого немає", "хоча вона чекає на дощ", "коли він цього хоче"],
    ],
}


def prose(of: str, seed: int, sentences: int) -> str:
    rng = random.Random(f"{of} {seed}")
    return " ".join(" ".join(rng.choice(part) for part in _PARTS[of]) + "." for _ in range(sentences))


@pytest.fixture(scope="module", params=["german", "french", "russian", "ukrainian"])
def trained(request: pytest.FixtureRequest) -> tuple[str, Fingerprint]:
    return request.param, voice.train([prose(request.param, seed, 25) for seed in range(5)])


def test_of_one_script_the_other_language_is_refused(trained: tuple[str, Fingerprint]) -> None:
    own, fingerprint = trained
    assert fingerprint.sample_words > 1_000
    pair = {"german": "french", "russian": "ukrainian"}
    other = (pair | {b: a for a, b in pair.items()})[own]
    assert 0 <= voice.score(fingerprint, prose(own, 99, 8)) <= 1
    with pytest.raises(InvalidInput, match="another language") as caught:
        voice.score(fingerprint, prose(other, 99, 8))
    assert (caught.value.field, bool(caught.value.remedy)) == ("text", True)


def test_below_80_words_and_of_few_samples_only_script_and_english_are_told() -> None:
    french = prose("french", 1, 4)
    assert 30 < len(words(french)) < 80
    assert 0 <= voice.score(voice.train([prose("german", seed, 25) for seed in range(5)]), french) <= 1
    assert 0 <= voice.score(voice.train([prose("german", seed, 9) for seed in range(2)]), prose("french", 1, 8)) <= 1


def test_common_words_are_shared_within_a_language_alone() -> None:
    samples = word_amounts(words(prose("german", 1, 60)))
    assert shared(word_amounts(words(prose("german", 2, 10))), samples) > 0.9
    assert shared(word_amounts(words(prose("french", 2, 10))), samples) < 0.05
    assert shared(word_amounts([]), samples) == shared(samples, word_amounts([])) == 0


def test_names_that_are_repeated_do_not_make_a_text_foreign() -> None:
    of = language([words(prose("german", seed, 25)) for seed in range(5)])
    text = words(prose("german", 7, 8)) + ["Rumpelstilzchen"] * 300
    require_language(text, word_amounts(text), of)
