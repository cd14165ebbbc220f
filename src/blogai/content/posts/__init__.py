"""Blog posts: an outline, then section by section, then title, description and tags."""

from blogai.content.posts.choosing import operation_for
from blogai.content.posts.operation import PostOperation
from blogai.content.posts.request import DEFAULT_WORDS, MAX_WORDS, MIN_WORDS, TONES, PostRequest, Tone

__all__ = ["DEFAULT_WORDS", "MAX_WORDS", "MIN_WORDS", "TONES", "PostOperation", "PostRequest", "Tone", "operation_for"]
