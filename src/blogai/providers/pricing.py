"""Prices of calls, from the list that the genai-prices package carries; nothing is fetched."""

from decimal import Decimal


def cost_usd(
    *, kind: str, model: str, base_url: str | None, input_tokens: int, output_tokens: int, cached_tokens: int = 0
) -> Decimal | None:
    """The price of one call.

    Args:
        kind: kind of the provider; `local` costs nothing.
        model: name of the model as the provider reported it.
        base_url: address of an OpenAI-compatible service, by which hosted ones are known.
        input_tokens: tokens read, cached ones included.
        output_tokens: tokens written.
        cached_tokens: those of the input that came from the provider's cache.

    Returns:
        US dollars, or None when the package knows no price for this model there.
    """
    if kind == "local":
        return Decimal(0)
    from genai_prices import Usage, calc_price

    usage = Usage(
        input_tokens=input_tokens, output_tokens=output_tokens, cache_read_tokens=min(cached_tokens, input_tokens)
    )
    try:
        if kind == "openai-compatible":
            price = calc_price(usage, model, provider_api_url=base_url) if base_url else None
        else:
            price = calc_price(usage, model, provider_id=kind)
    except (LookupError, ValueError):
        return None
    return None if price is None else Decimal(price.total_price)
