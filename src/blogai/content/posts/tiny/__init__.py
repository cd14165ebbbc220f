"""Writing with a model of some hundred million parameters.

It answers a plain question well and follows no list of rules, so: the outline is a list of questions bound by
a grammar, each section is the answer to one of them, and every sentence is looked at before readers see it.
Several answers are taken where one would be poor, and the best is kept; nothing is ever added to them.
"""

from blogai.content.posts.tiny.style import TinyStyle

__all__ = ["TinyStyle"]
