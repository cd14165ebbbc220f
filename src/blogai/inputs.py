"""Inputs of users: checked as a whole before anything is done, refused by the name of the first one that is wrong."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from blogai.errors import InvalidInput

MOST_SEARCH = 500
"""Characters of what is searched in a list."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Inputs(BaseModel):
    """What a user may give for something.

    Attributes:
        noun: what it is for, with its article, as refusals call it.
        remedies: what to do, for each input.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    noun: ClassVar[str]
    remedies: ClassVar[Mapping[str, str]]

    @classmethod
    def parse(cls, inputs: Mapping[str, Any]) -> Self:
        """The values from untrusted inputs.

        Raises:
            InvalidInput: the first input that is wrong, by name and with a remedy.
        """
        try:
            return cls.model_validate(dict(inputs))
        except ValidationError as exc:
            raise cls._refusal(exc) from exc

    @classmethod
    def _refusal(cls, exc: ValidationError) -> InvalidInput:
        first = exc.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        name = str(first["loc"][0]) if first["loc"] else cls.noun.split()[-1]
        if first["type"] == "extra_forbidden":
            known = ", ".join(cls.model_fields)
            return InvalidInput(f"{name} is not an input of {cls.noun}.", field=name, remedy=f"Use {known}.")
        return InvalidInput(f"{field or name} {_problem(first)}.", field=field or name, remedy=cls.remedies.get(name))


def _problem(error: Any) -> str:
    about = error.get("ctx", {})
    match error["type"]:
        case "missing":
            return "is missing"
        case "value_error":
            return str(about["error"])
        case "string_too_long":
            return f"is longer than {about['max_length']} characters"
        case "string_too_short":
            return "is empty"
        case "too_long":
            return f"has more than {about['max_length']} entries"
        case "literal_error":
            return "is not one of the choices"
        case "string_pattern_mismatch":
            return "has a character that does not belong there, or too many"
        case "greater_than_equal":
            return f"is less than {about['ge']}"
        case "less_than_equal":
            return f"is more than {about['le']}"
        case _:
            return f"is of the wrong type ({error['msg'].lower()})"


def check_text(text: str | None, field: str, most: int, *, blank: bool = True) -> None:
    """Looks at a text that is searched or stored.

    Args:
        most: characters that it may have.
        blank: whether it may be blank.

    Raises:
        InvalidInput: it is blank, too long, or holds what PostgreSQL cannot keep.
    """
    if text is None:
        return
    if not blank and not text.strip():
        raise InvalidInput(f"{field} must not be blank.", field=field)
    if len(text) > most:
        raise InvalidInput(f"{field} has {len(text)} characters; {most} are allowed.", field=field)
    refuse_unstorable_text(text, field)


def refuse_unstorable_text(text: str, field: str) -> None:
    """Raises InvalidInput when it holds a character that PostgreSQL cannot keep."""
    if _UNSTORABLE.search(text):
        raise InvalidInput(
            f"{field} holds a character that cannot be stored (NUL or half a surrogate pair).",
            field=field.removeprefix("inputs."),
            remedy="Remove it and try again.",
        )


def trimmed(value: Any) -> Any:
    """Text in composed form (NFC) without blanks at its ends, so that lengths count what people see."""
    return unicodedata.normalize("NFC", value.strip()) if isinstance(value, str) else value
