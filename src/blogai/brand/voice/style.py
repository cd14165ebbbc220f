"""Style of a text as plain numbers that a writer understands. English word lists; the rest works for every script."""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from blogai.brand.voice.function_words import FUNCTION_WORDS
from blogai.brand.voice.tokens import Passage, Sentence


@dataclass(frozen=True)
class Metric:
    """A style measure: what it is called, what one unit of it is, and what to do when a text has too much or little."""

    label: str
    unit: str
    less: str
    more: str


def _rate(label: str, what: str) -> Metric:
    return Metric(label, f"{label} per 100 words", f"use fewer {what}", f"use more {what}")


METRICS: dict[str, Metric] = {
    "sentence_words": Metric("sentence length", "words a sentence", "split long sentences", "join short sentences"),
    "sentence_variation": Metric("variation of sentence length", "words of spread between sentences",
                                 "keep sentences more even", "mix short and long sentences"),
    "paragraph_words": Metric("paragraph length", "words a paragraph", "break paragraphs earlier", "join paragraphs"),
    "word_letters": Metric("word length", "letters a word", "prefer shorter words", "choose more exact, longer words"),
    "long_words": Metric("long words", "words of 7 letters or more, per 100 words", "prefer plainer words",
                         "use more technical or formal words"),
    "variety": Metric("variety of words", "different words in every 50", "repeat key words", "vary the words"),
    "function_words": Metric("grammar words", "grammar words per 100 words", "write denser sentences",
                             "write in fuller sentences"),
    "commas": _rate("commas", "commas"),
    "colons": _rate("colons and semicolons", "colons and semicolons"),
    "dashes": _rate("dashes", "dashes"),
    "brackets": _rate("brackets", "brackets"),
    "quotes": _rate("quotation marks", "quotation marks"),
    "numbers": _rate("numbers", "numbers"),
    "questions": Metric("questions", "questions in 100 sentences", "ask fewer questions", "ask the reader more often"),
    "exclamations": Metric("exclamations", "exclamation marks in 100 sentences", "drop exclamation marks",
                           "allow some exclamation marks"),
    "contractions": _rate("contractions", "contractions (it's, don't)"),
    "first_person": _rate("I, me, my", "I, me and my"),
    "first_plural": _rate("we, us, our", "we, us and our"),
    "second_person": _rate("you, your", "you and your"),
    "third_person": _rate("he, she, they", "he, she and they"),
    "hedges": _rate("hedges", "hedges (perhaps, might, somewhat)"),
    "boosters": _rate("strong claims", "strong claims (clearly, always, certainly)"),
    "formal": _rate("formal words", "formal words (therefore, regarding, utilise)"),
    "casual": _rate("casual words", "casual words (really, stuff, pretty, okay)"),
    "warm": _rate("warm words", "warm words (thanks, happy, together, welcome)"),
    "lively": _rate("enthusiastic words", "enthusiastic words (great, exciting, love)"),
    "fresh": _rate("words of novelty", "words of novelty (new, first, launch, future)"),
    "steady": _rate("words of trust", "words of trust (safe, support, standard, careful)"),
    "negations": _rate("negations", "negations"),
    "adverbs": _rate("adverbs in -ly", "adverbs in -ly"),
    "abstract": _rate("abstract nouns", "abstract nouns (-tion, -ment, -ness)"),
    "passives": _rate("passive verbs", "passive verbs"),
    "joined_openings": Metric("sentences that begin with a conjunction", "such in 100 sentences",
                              "begin fewer sentences with And, But or So", "let some sentences begin with And or But"),
}  # fmt: skip
NAMES = tuple(METRICS)

_LISTS = {
    "hedges": "perhaps maybe might possibly probably somewhat seem seems seemed appear appears likely suggest suggests "
    "roughly sometimes usually often generally fairly guess suppose could presumably apparently",
    "boosters": "always never certainly clearly definitely obviously undoubtedly must absolutely completely entirely "
    "truly exactly indeed surely every all fully proven guarantee",
    "formal": "therefore thus hence furthermore moreover nevertheless regarding concerning whereas shall upon pursuant "
    "utilise utilize facilitate commence endeavour subsequently consequently accordingly herein notwithstanding "
    "respectively aforementioned obtain require requires demonstrate ensure ensures whilst per provided",
    "casual": "really stuff pretty okay ok yeah hey cool awesome gonna wanna kinda sorta lots totally super guys folks "
    "basically actually just anyway bit bunch crazy fun hi wow oh nice huge thing things got get",
    "warm": "thank thanks happy glad welcome together help helps share community friend friends love please enjoy "
    "appreciate grateful hope care people everyone feel feeling understand kind",
    "lively": "great exciting excited amazing love awesome fantastic wonderful thrilled delighted incredible best "
    "brilliant fun beautiful powerful proud",
    "fresh": "new first launch future introduce introducing introduced innovative change latest next modern experiment "
    "experimental idea ideas explore create creating build building invent discover today",
    "steady": "safe secure security support supported standard standards careful reliable stable tested trust "
    "policy protect privacy ensure maintain maintained official proper consistent guarantee research evidence",
}
_SETS = {name: frozenset(text.split()) for name, text in _LISTS.items()}
_PERSONS = {
    "first_person": frozenset(
        """i me my mine myself i'm i've i'd i'll""".split()  # noqa: SIM905
    ),
    "first_plural": frozenset(
        """we us our ours ourselves we're we've we'd we'll let's""".split()  # noqa: SIM905
    ),
    "second_person": frozenset(
        """you your yours yourself yourselves you're you've you'd you'll""".split()  # noqa: SIM905
    ),
    "third_person": frozenset(
        """he him his she her hers they them their theirs himself herself themselves""".split()  # noqa: SIM905
    ),
}
_NEGATIONS = frozenset(
    """not no never none nothing nobody neither nor cannot without""".split()  # noqa: SIM905
)
_BE = frozenset(
    """am is are was were be been being isn't aren't wasn't weren't""".split()  # noqa: SIM905
)
_JOINING = frozenset(
    """and but so or yet because""".split()  # noqa: SIM905
)
_PARTICIPLE = re.compile(r".{2,}(?:ed|wn|ten|ken|sen|ven|ght|nt)$")
_QUESTION = ("?", "؟", "？")
_EXCLAMATION = ("!", "！")
_WINDOW = 50


def _variety(lower: list[str]) -> float:
    """Different words a window of 50, averaged over all windows (MATTR, Covington and McFall 2010); length-free."""
    if len(lower) <= _WINDOW:
        return _WINDOW * len(set(lower)) / max(1, len(lower))
    window = Counter(lower[:_WINDOW])
    total, kinds = len(window), len(window)
    for old, new in zip(lower, lower[_WINDOW:], strict=False):
        window[old] -= 1
        kinds -= window[old] == 0
        kinds += window[new] == 0
        window[new] += 1
        total += kinds
    return total / (len(lower) - _WINDOW + 1)


def style(passage: Passage, of: list[Sentence] | None = None) -> dict[str, float]:
    """Every metric of a text, in the unit that `METRICS` names.

    Args:
        of: the sentences, where they are known.
    """
    found = passage.sentences if of is None else of
    clean = passage.clean
    lower = [w.lower().replace("’", "'") for w in passage.words]
    n = max(1, len(lower))
    opened = [s.words for s in found]
    lengths = [len(w) for w in opened] or [0]
    mean = sum(lengths) / len(lengths)
    hundred = 100 / n
    paragraphs = max(1, clean.count("\n\n") + 1)
    out = {
        "sentence_words": mean,
        "sentence_variation": (sum((x - mean) ** 2 for x in lengths) / len(lengths)) ** 0.5,
        "paragraph_words": n / paragraphs,
        "word_letters": sum(len(w) for w in lower) / n,
        "long_words": hundred * sum(len(w) >= 7 for w in lower),
        "variety": _variety(lower),
        "function_words": hundred * sum(w in FUNCTION_WORDS for w in lower),
        "commas": hundred * sum(clean.count(c) for c in ",،、，"),
        "colons": hundred * sum(clean.count(c) for c in ";:；：؛"),
        "dashes": hundred * clean.count("—"),
        "brackets": hundred * sum(clean.count(c) for c in "([（「"),
        "quotes": hundred * clean.count('"') / 2,
        "numbers": hundred * len(re.findall(r"\d+(?:[.,]\d+)*", clean)),
        "questions": 100 * sum(s.text.rstrip("\"')]”’").endswith(_QUESTION) for s in found) / len(lengths),
        "exclamations": 100 * sum(s.text.rstrip("\"')]”’").endswith(_EXCLAMATION) for s in found) / len(lengths),
        "contractions": hundred * sum(("'" in w and not w.endswith("'s")) or w in ("it's", "that's", "there's", "let's",
                                      "what's", "here's", "he's", "she's") for w in lower),
        "negations": hundred * sum(w in _NEGATIONS or w.endswith("n't") for w in lower),
        "adverbs": hundred * sum(len(w) > 4 and w.endswith("ly") for w in lower),
        "abstract": hundred * sum(len(w) > 6 and w.rstrip("s").endswith(("tion", "ment", "nes", "ness", "ity"))
                                  for w in lower),
        "passives": hundred * sum(a in _BE and bool(_PARTICIPLE.match(b)) for a, b in pairwise(lower)),
    }  # fmt: skip
    for name, members in (_SETS | _PERSONS).items():
        out[name] = hundred * sum(w in members for w in lower)
    out["joined_openings"] = 100 * sum(w[0].lower() in _JOINING for w in opened if w) / len(lengths)
    return {name: float(out[name]) for name in NAMES}
