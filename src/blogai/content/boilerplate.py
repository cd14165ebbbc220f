"""What chat models say around a text, and what has no place in one: greetings, offers, placeholders, leftovers."""

import re

_OPENINGS = re.compile(
    r"""^\W*(?:
        (?:sure|sure\s+thing|certainly|of\s+course|absolutely|okay|ok|great|hello|hi|hey|greetings)(?:\s+(?:there|everyone|all))?\s*[,!.:]|
        dear\s+\w+|hello\s+and\s+welcome\b|welcome\s+(?:to|back)\b|
        great\s+(?:question|topic)\b|what\s+a\s+(?:great|fascinating|wonderful)\b|
        here(?:'s|’s|\s+is|\s+are)\b|below\s+(?:is|are)\b|the\s+following\s+is\b|
        (?:title|section(?:\s*\d+)?|heading|question|answer|subject|introduction|conclusion|note|topic)\s*:|
        i'?m\s+(?:happy|glad|sorry|excited)\b|
        i\s+(?:can|will|would|hope|cannot|can't)\b[^.]*\b(?:help|assist|write|provide)\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_CHATTER = re.compile(
    r"""\b(?:
        as\s+an?\s+(?:ai|artificial\s+intelligence|(?:large\s+)?language\s+model)\b|
        i(?:'m|’m|\s+am)\s+(?:an?\s+)?(?:ai|assistant|chatbot|language\s+model)\b|smollm|
        let\s+me\s+know\s+if\b|feel\s+free\s+to\s+(?:ask|reach|contact)\b|(?:i\s+)?hope\s+this\s+helps\b|
        (?:best|kind|warm)\s+regards\b|yours\s+(?:sincerely|truly|faithfully)\b|sincerely,|
        thank(?:s|\s+you)\s+for\s+reading\b|lorem\s+ipsum\b|\[?\s*word\s+count\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_OWN_TEXT = re.compile(
    r"""\b(?:
        (?:this|my|our|your)\s+(?:blog|post|article|essay|section|paragraph)s?\b|
        the\s+(?:blog|post|article|essay)\s+(?:will|aims?|delves?|discusses|examines|explores?)\b|
        in\s+this\s+(?:guide|chapter|lesson|lecture|video|course|exercise)\b|
        (?:first|second|two|three)\s+(?:short\s+)?paragraphs?\b|the\s+(?:question|answer)\s+(?:is|to\s+this)\b|
        (?:helps?|allows?|gives?|shows?)\s+(?:the\s+|our\s+)?readers?\b|(?:could|should)\s+be\s+added\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_REWRITING = re.compile(
    r"""\b(?:
        (?:original|revised|rewritten|rephrased|given|new)\s+(?:text|version|passage|message|paragraph|sentence|wording)s?\b|
        (?:this|the|that)\s+(?:text|passage|paragraph|rewrite|revision|rewording|sentence\s+structure)\b|
        rephras\w+|reword\w+|rewr(?:ite|ites|iting|itten|ote)\b|in\s+other\s+words\s*:|more\s+(?:concise|readable)\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_PLACEHOLDER = re.compile(
    r"\[[^\]\n]{1,60}\](?!\()|\{\{?[^}\n]{1,60}\}?\}|<[a-z/][^>\n]{0,60}>|\bX{3,}\b|_{3,}|\bTODO\b"
)


def opening(text: str) -> str | None:
    """The words of a chat answer that a text begins with, None when it begins well."""
    match = _OPENINGS.match(text.lstrip())
    return match[0].strip() if match else None


def chatter(text: str) -> str | None:
    """Words anywhere in a text that only the partner in a chat would say; None when there are none."""
    match = _CHATTER.search(text)
    return match[0] if match else None


def own_text(text: str) -> str | None:
    """Words that speak of the text itself, as tiny models do when they echo their prompt; None without."""
    match = _OWN_TEXT.search(text)
    return match[0] if match else None


def rewriting(text: str) -> str | None:
    """Words that speak of the work on a passage instead of doing it; None without."""
    match = _REWRITING.search(text)
    return match[0] if match else None


def placeholder(text: str) -> str | None:
    """A blank that was left to fill in, such as `[Name]`; None when there is none."""
    match = _PLACEHOLDER.search(text)
    return match[0] if match else None


def boilerplate(text: str) -> str | None:
    """Whatever of the three a passage has first; None when it has none."""
    return opening(text) or chatter(text) or placeholder(text)
