"""Two made-up voices, each with as many different posts as a test wants."""

import random

_THINGS = ["the parser", "our build server", "the release branch", "this cache", "the search index", "the new editor"]
_MATTERS = ["a minor bishopric", "the weather", "an old umbrella", "solitude", "the village pump", "a good dinner"]
_PLAIN = [
    "We shipped {s} today.",
    "It's faster now, and we've cut the memory use in half.",
    "Here's what changed: {s} no longer blocks the main thread!",
    "You don't need to do anything.",
    "If you're on the old version, just upgrade and you're set.",
    "We can't promise it'll fix everything, but it's a big step.",
    "Got a minute? Try {s} and tell us what breaks.",
    "Thanks to everyone who sent patches.",
    "We're still working on {s}, so expect rough edges.",
    "That's it for this week!",
    "Want the details? Here's the short version.",
    "The team found {n} bugs in {s} and fixed them all.",
    "So why did we do this? Because {s} was slow.",
    "You'll see {n} fewer warnings in your logs.",
]
_FLORID = [
    "There is, perhaps, no spectacle more instructive to the patient observer than that of {s} in its declining years.",
    "One might suppose, upon a first and hurried acquaintance, that the matter admitted of no doubt; it is otherwise.",
    "For it was the custom of our fathers, who were neither wiser nor more foolish than ourselves, to speak of such "
    "things in a lowered voice.",
    "Nor should the reader imagine that {s} was ever, in the strict sense of that abused word, necessary.",
    "I have often reflected, walking home beneath the lamps, upon the curious dignity of all useless labour.",
    "It has been said (and by men whose authority I should hesitate to dispute) that a habit is but a tired opinion.",
    "Such, at any rate, was the conviction in which I had been brought up; such, I fear, is the conviction in which I "
    "shall die.",
    "And yet the heart, which is a poor logician, persists in loving that which the understanding has long dismissed.",
    "Whether {s} deserved the praise that was lavished upon it, I do not presume to determine.",
    "He who would understand an age must first consent to be bored by it; this is the whole secret of history.",
    "We are told, with the solemnity of a bishop, that {n} years suffice to alter the character of a nation.",
    "The wise man, therefore, neither hastens nor delays, but suffers the hour to come to him as a guest, unbidden.",
]


def post(voice: str, seed: int, count: int = 24) -> str:
    """A post of the voice `plain` or `florid`; equal arguments give equal texts."""
    rng = random.Random(f"{voice}-{seed}")
    pool, subjects = (_PLAIN, _THINGS) if voice == "plain" else (_FLORID, _MATTERS)
    chosen = [rng.choice(pool).format(s=rng.choice(subjects), n=rng.randint(2, 90)) for _ in range(count)]
    return "\n\n".join(" ".join(chosen[i : i + 5]) for i in range(0, count, 5))


def posts(voice: str, number: int = 4) -> list[str]:
    return [post(voice, seed) for seed in range(number)]
