"""Prompts as text files: Jinja2, with the standing instructions above a line of `---` and the request below it."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blogai.providers.values import Prompt

if TYPE_CHECKING:
    from jinja2 import Template

FOLDER = Path(__file__).parent


def render(name: str, **values: Any) -> Prompt:
    """The prompt in `prompts/<name>.j2` with its blanks filled in.

    Raises:
        jinja2.UndefinedError: the file uses a value that was not given.
    """
    system, user = _templates(name)
    return Prompt(system=system.render(values).strip(), user=user.render(values).strip())


@cache
def _templates(name: str) -> "tuple[Template, Template]":
    from jinja2 import Environment, StrictUndefined

    # the output is a prompt, not HTML: escaping would spoil it
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)  # noqa: S701
    system, user = (FOLDER / f"{name}.j2").read_text(encoding="utf-8").split("\n---\n", 1)
    return environment.from_string(system), environment.from_string(user)
