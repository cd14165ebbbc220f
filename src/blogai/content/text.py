"""Text as PostgreSQL can keep it: no NUL characters, no halves of surrogate pairs."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from blogai.errors import InvalidInput
from blogai.inputs import refuse_unstorable_text

_NUL = "\x00"
_SURROGATE = re.compile("[\ud800-\udfff]")


def clean_text(text: str) -> str:
    """The text of a model without NUL; half a surrogate pair becomes the replacement character."""
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text.replace(_NUL, ""))


def clean(value: Any) -> Any:
    """A JSON value with all its texts cleaned, keys included; what is no finite number becomes null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, Mapping):
        return {clean_text(str(key)): clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean(item) for item in value]
    return value


def storable_json(value: Mapping[str, Any], *, field: str = "inputs") -> str:
    """The value as JSON, always the same for the same value.

    Raises:
        InvalidInput: it holds something that PostgreSQL cannot keep; the error names the member.
    """
    refuse_unstorable(value, field)
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as exc:
        raise InvalidInput(f"{field} cannot be written as JSON: {exc}.", field=field) from exc


def refuse_unstorable(value: Any, field: str) -> None:
    """Looks for characters that cannot be stored, in texts at any depth.

    Raises:
        InvalidInput: names the member.
    """
    if isinstance(value, str):
        refuse_unstorable_text(value, field)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            refuse_unstorable(str(key), field)
            refuse_unstorable(item, f"{field}.{key}")
    elif isinstance(value, list | tuple):
        for item in value:
            refuse_unstorable(item, field)
