"""Made-up text and data for scripted servers: the same for the same seed, different for others."""

import random
from typing import Any


def _parts(text: str) -> list[str]:
    return text.split("|")


_SUBJECTS = _parts(
    "a careful gardener|the early morning|every small workshop|the oldest tool|a quiet afternoon|the second attempt|"
    "an honest mistake|the nearest market|a good neighbour|the first frost|each new season|a borrowed book|"
    "the local club|an open window|the longest row|a patient teacher"
)
_VERBS = _parts(
    "shows|changes|rewards|explains|repeats|supports|protects|reveals|shapes|improves|questions|follows|welcomes|"
    "measures|remembers|simplifies"
)
_OBJECTS = _parts(
    "the way we plan|a habit worth keeping|more than it costs|what the label hides|the shape of the week|"
    "a slower kind of progress|the work of many hands|a plain answer|the cost of waiting|small daily choices|"
    "the rhythm of the street|an unexpected friendship|the limits of advice|a reason to begin|a better question|"
    "the use of simple notes"
)
_ENDINGS = _parts(
    "before noon|in the long run|without much noise|for those who look|at little expense|on most days|"
    "when nobody hurries|after some practice|even in a city|with a few friends|by the end of summer|once it is shared"
)


def sentence(rng: random.Random) -> str:
    """One made-up sentence of about ten words."""
    text = f"{rng.choice(_SUBJECTS)} {rng.choice(_VERBS)} {rng.choice(_OBJECTS)} {rng.choice(_ENDINGS)}."
    return text[0].upper() + text[1:]


def paragraphs(seed: str, *, words: int) -> str:
    """About `words` words in paragraphs of four sentences."""
    rng = random.Random(seed)
    sentences: list[str] = []
    count = 0
    while count < words:
        sentences.append(sentence(rng))
        count += len(sentences[-1].split())
    return "\n\n".join(" ".join(sentences[i : i + 4]) for i in range(0, len(sentences), 4))


def sample(schema: dict[str, Any], *, seed: str) -> Any:
    """Data that is valid for a JSON schema (of the kind that pydantic writes; patterns are not looked at)."""
    return _value(schema, schema, random.Random(seed))


def _value(schema: dict[str, Any], root: dict[str, Any], rng: random.Random) -> Any:
    if "$ref" in schema:
        target: Any = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return _value(target, root, rng)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return rng.choice(schema["enum"])
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return _value(schema[key][0], root, rng)
    match schema.get("type", "object"):
        case "object":
            return {name: _value(part, root, rng) for name, part in schema.get("properties", {}).items()}
        case "array":
            least = schema.get("minItems", 3)
            most = schema.get("maxItems", max(least, 5))
            items = schema.get("items", {"type": "string"})
            return [_value(items, root, rng) for _ in range(rng.randint(least, min(most, least + 2)))]
        case "integer":
            return rng.randint(schema.get("minimum", 1), schema.get("maximum", schema.get("minimum", 1) + 9))
        case "number":
            return float(schema.get("minimum", 0))
        case "boolean":
            return rng.random() < 0.5
        case "null":
            return None
        case _:
            return _string(schema.get("minLength", 1), schema.get("maxLength", 60), rng)


def _string(least: int, most: int, rng: random.Random) -> str:
    text = sentence(rng).rstrip(".")
    while len(text) < least:
        text += " " + sentence(rng)
    return text[:most].rstrip() if len(text[:most].rstrip()) >= least else text[:most]
