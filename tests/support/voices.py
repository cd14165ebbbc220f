"""Prose in two voices that nobody confuses: a stiff one and a chatty one."""

import random

from blogai.db.database import Actor, Connection

_STIFF_OPENINGS = (
    "The committee has determined that",
    "It should furthermore be noted that",
    "Pursuant to the established procedure,",
    "In accordance with the applicable regulations,",
    "The department is of the opinion that",
    "Notwithstanding the foregoing considerations,",
)
_STIFF = (
    "the implementation of the programme requires additional documentation from each participating institution",
    "a comprehensive evaluation of the available evidence was conducted prior to the publication of the report",
    "the responsible authorities shall undertake a systematic examination of the remaining administrative obligations",
    "the allocation of financial resources remains subject to the approval of the supervisory board",
    "appropriate measures are to be adopted in order to ensure the continuity of essential public services",
    "the consultation of interested parties constitutes an indispensable element of the legislative process",
    "considerable improvements with respect to transparency and accountability have been achieved",
    "the interpretation of the statistical information demands a considerable degree of professional judgement",
    "the consolidation of regional infrastructure was regarded as a precondition of sustainable development",
    "an independent assessment of the methodology is recommended before any further commitments are made",
)
_CHATTY_OPENINGS = ("Okay, so", "Honestly,", "You know what?", "Right,", "Here's the thing:", "Yeah,", "Look,")
_CHATTY = (
    "I can't get enough of this little app!",
    "we've all been there, haven't we?",
    "you don't need fancy gear, just grab a mug and start!",
    "my dog ate the first draft, and I'm kinda glad he did.",
    "that's the bit nobody tells you, and it's a pretty big deal!",
    "I tried it twice, messed it up, and laughed a lot.",
    "don't worry if it looks weird, mine still does!",
    "what would you do? I'd love to hear it.",
    "it's cheap, it's quick, and it's loads of fun!",
    "I'm off to bake another batch, so see you soon!",
    "you'll want to try this one before the weekend!",
    "we messed about for an hour and I'm not even sorry.",
)


def stiff(seed: int, sentences: int = 14) -> str:
    """Formal prose, always the same for the same seed."""
    pick = random.Random(seed)
    made = [f"{pick.choice(_STIFF_OPENINGS)} {pick.choice(_STIFF)}." for _ in range(sentences)]
    return "\n\n".join(" ".join(made[start : start + 4]) for start in range(0, sentences, 4))


def chatty(seed: int, sentences: int = 24) -> str:
    """Casual prose, always the same for the same seed."""
    pick = random.Random(seed)
    made = [f"{pick.choice(_CHATTY_OPENINGS)} {pick.choice(_CHATTY)}" for _ in range(sentences)]
    return "\n\n".join(" ".join(made[start : start + 4]) for start in range(0, sentences, 4))


async def put_on_tier(owner: Connection, actor: Actor, tier: str) -> None:
    """Grants a user a tier, as an owner of the installation would."""
    await owner.execute(
        "insert into public.user_quotas (user_id, tier) values (%s, %s)"
        " on conflict (user_id) do update set tier = excluded.tier",
        [actor.user_id, tier],
    )
