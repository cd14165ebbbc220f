"""Writing with a capable model: it sees the plan and what is written so far, and is told the rules."""

from blogai.content.posts.full.style import FullStyle

__all__ = ["FullStyle"]
