"""From a request to the operation that carries it out: which voice it means."""

from blogai.brand.brief import Briefs
from blogai.content.posts.operation import PostOperation
from blogai.content.posts.request import PostRequest
from blogai.db.database import Actor
from blogai.errors import InvalidInput


async def operation_for(briefs: Briefs, actor: Actor, request: PostRequest) -> PostOperation:
    """The operation with the voice that the request names, else with the caller's default voice.

    Raises:
        NotFound: there is no such voice, or it is somebody else's.
        Conflict: the voice is not trained.
        InvalidInput: rewrites are asked for, and there is no voice to rewrite towards.
    """
    voice = await briefs.brief(actor, request.voice)
    if voice is None and request.rewrites:
        raise InvalidInput(
            "Rewrites need a trained brand voice.", field="rewrites", remedy="Name one with `voice`, or ask for none."
        )
    return PostOperation(request, voice=voice)
