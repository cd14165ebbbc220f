"""Builds pydantic-ai models. Their SDKs are imported here, on first use, and nowhere else."""

from typing import TYPE_CHECKING

from blogai.settings import ProviderKind

if TYPE_CHECKING:
    import httpx2
    from pydantic_ai.models import Model


def http_client(timeout: float, *, local: bool) -> "httpx2.AsyncClient":
    """The HTTP client that the models of one event loop share; the caller closes it.

    Args:
        timeout: seconds to wait for the next byte.
        local: for the server inside this process, which no proxy of the environment can reach.
    """
    from httpx2 import AsyncClient, Timeout

    return AsyncClient(timeout=Timeout(timeout, connect=min(10.0, timeout)), trust_env=not local)


def build_model(
    *,
    kind: ProviderKind,
    name: str,
    model: str,
    base_url: str | None,
    api_key: str | None,
    client: "httpx2.AsyncClient",
) -> "Model":
    """The pydantic-ai model of a provider.

    Args:
        kind: which API it speaks; `local` is an OpenAI-compatible server on loopback.
        name: name of the provider.
        model: name of the model.
        base_url: address; the kind's own when None.
        api_key: key; None where none is needed.
        client: HTTP client for its requests.
    """
    if kind == "anthropic":
        from pydantic_ai.models.anthropic import AnthropicModel
        from pydantic_ai.providers.anthropic import AnthropicProvider

        return AnthropicModel(model, provider=AnthropicProvider(api_key=api_key, base_url=base_url, http_client=client))
    if kind == "google":
        from pydantic_ai.models.google import GoogleModel
        from pydantic_ai.providers.google import GoogleProvider

        return GoogleModel(model, provider=GoogleProvider(api_key=api_key, base_url=base_url, http_client=client))

    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.profiles.openai import OpenAIModelProfile

    # A stream that ends without a finish reason was cut: all servers that we name send one.
    whole = OpenAIModelProfile(openai_chat_streaming_requires_finish_reason=True)
    if kind == "openai":
        from pydantic_ai.providers.openai import OpenAIProvider

        return OpenAIChatModel(
            model, provider=OpenAIProvider(base_url=base_url, api_key=api_key, http_client=client), profile=whole
        )

    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    assert base_url is not None
    # Older servers know `max_tokens` alone, and newer ones still do.
    whole |= OpenAIModelProfile(openai_chat_supports_max_completion_tokens=False)
    return OpenAIChatModel(
        model,
        provider=OpenAICompatibleProvider(name, base_url=base_url, api_key=api_key, http_client=client),
        profile=whole,
    )
