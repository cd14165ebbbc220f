"""Turns what a provider's SDK raises into our errors, and says what may be tried again.

| Provider's answer                         | Our error             | Repeated |
|-------------------------------------------|-----------------------|----------|
| 401, 403, a key that is not accepted      | ProviderRejected      | no       |
| other 4xx (unknown model, bad request)    | ProviderRejected      | no       |
| 429 asking to slow down, 503 / 529        | ProviderOverloaded    | yes, after Retry-After |
| 429 for an empty account                  | ProviderRejected      | no       |
| the content filter kept the answer back   | ProviderRejected      | no       |
| 5xx, connection refused, broken or cut    | ProviderUnavailable   | yes      |
| no byte within the timeout                | ProviderTimeout       | once     |
| not JSON, wrong shape, nothing at all     | ProviderOutputInvalid | at most twice |

An error that is not repeated still lets the next fallback provider have its turn.
"""

from dataclasses import dataclass

from blogai import errors


@dataclass(frozen=True, slots=True)
class Fault:
    """One failed attempt.

    Attributes:
        error: what the caller will see when nothing else helps.
        repeats: how often at most an attempt may follow this kind of fault, None for the configured number.
        retry_after: seconds that the provider asked to wait, if it did.
    """

    error: errors.ProviderError
    repeats: int | None = None
    retry_after: float | None = None


class BadOutput(Exception):
    """The model answered, but not in the shape that was asked for (internal to this package)."""

    def __init__(self, reason: str, *, cut_off: bool = False) -> None:
        """Args:
        reason: what is wrong, one sentence.
        cut_off: the answer ended because it reached max_tokens.
        """
        super().__init__(reason)
        self.reason = reason
        self.cut_off = cut_off


class Declined(Exception):
    """The provider's content filter kept the answer back (internal to this package)."""


class BrokenStream(Exception):
    """A stream ended without its end mark (internal to this package)."""


def fault_from(exc: Exception, *, provider: str, model: str, key_hint: str, timeout: float) -> Fault:
    """The fault for an exception of an attempt.

    Args:
        exc: what the attempt raised.
        provider: name of the provider, for the message.
        model: name of the model, for the message.
        key_hint: where the key of this provider is set, for the remedy.
        timeout: the timeout in seconds, for the message.

    Raises:
        Exception: `exc` itself when it is no fault of the provider's but of this program.
    """
    about = {"provider": provider, "model": model}
    who = f"Provider {provider} (model {model})"

    if isinstance(exc, errors.ProviderError):
        exc.details = {**about, **exc.details}
        return Fault(exc, repeats=0)

    from pydantic_ai import exceptions as sdk

    if isinstance(exc, BadOutput):
        return Fault(
            errors.ProviderOutputInvalid(
                f"{who} did not answer in the shape that was asked for: {exc.reason}",
                remedy="Try again, ask for less text, or choose a larger model.",
                **about,
            ),
            repeats=2,
        )
    if isinstance(exc, Declined | sdk.ContentFilterError):
        return Fault(
            errors.ProviderRejected(
                f"{who} declined to write this.", remedy="Change the topic or the wording.", **about
            ),
            repeats=0,
        )
    if isinstance(exc, sdk.ModelRequestTimeout | sdk.ModelTimeoutError | TimeoutError):
        return Fault(
            errors.ProviderTimeout(
                f"{who} did not answer within {timeout:g} s.",
                remedy="Try again, or raise BLOGAI_PROVIDER_TIMEOUT.",
                **about,
            ),
            repeats=1,
        )
    if isinstance(exc, sdk.ModelAPIError):
        return _from_api(exc, who, about, key_hint)
    if isinstance(exc, sdk.UnexpectedModelBehavior):
        return Fault(
            errors.ProviderOutputInvalid(
                f"{who} gave no usable answer: {_short(exc)}",
                remedy="Try again with another wording, or choose another model.",
                **about,
            ),
            repeats=2,
        )
    if isinstance(exc, BrokenStream) or _is_transport(exc):
        return _unreachable(exc, who, about)
    raise exc


def _from_api(exc: Exception, who: str, about: dict[str, str], key_hint: str) -> Fault:
    from pydantic_ai import exceptions as sdk

    assert isinstance(exc, sdk.ModelAPIError)
    status = exc.status_code if isinstance(exc, sdk.ModelHTTPError) else None
    if status is not None:
        about = {**about, "provider_status": str(status)}
    if isinstance(exc, sdk.ModelAuthenticationError) or status in (401, 403):
        return Fault(
            errors.ProviderRejected(f"{who} did not accept the key.", remedy=f"Check the key in {key_hint}.", **about),
            repeats=0,
        )
    if isinstance(exc, sdk.ModelQuotaExceededError):
        return Fault(
            errors.ProviderRejected(
                f"{who} says that the account has no quota left.",
                remedy="Top up the account with the provider, or choose another provider.",
                **about,
            ),
            repeats=0,
        )
    if isinstance(exc, sdk.ModelRateLimitError | sdk.ModelOverloadedError) or status in (429, 503, 529):
        return Fault(
            errors.ProviderOverloaded(
                f"{who} asks to slow down.", remedy="Try again in a minute, or name a fallback provider.", **about
            ),
            retry_after=exc.retry_after,
        )
    if isinstance(exc, sdk.ModelNotFoundError) or status == 404:
        return Fault(
            errors.ProviderRejected(
                f"{who} is not known there: {_short(exc)}", remedy="Check the model name and the base URL.", **about
            ),
            repeats=0,
        )
    if isinstance(exc, sdk.ModelRequestRejectedError) or (status is not None and 400 <= status < 500 and status != 408):
        return Fault(
            errors.ProviderRejected(
                f"{who} refused the request: {_short(exc)}",
                remedy="Ask for less text or choose another model.",
                **about,
            ),
            repeats=0,
        )
    if isinstance(exc, sdk.ModelConnectionError | sdk.ModelServerError | sdk.ModelUnavailableError) or status:
        return _unreachable(exc, who, about, retry_after=exc.retry_after)
    if exc.in_stream or str(exc).startswith("Streamed response ended"):
        return _unreachable(exc, who, about)
    return Fault(  # answered with 200, but not with JSON
        errors.ProviderOutputInvalid(
            f"{who} sent an answer that cannot be read: {_short(exc)}",
            remedy="Try again, and check that the base URL is that of the API.",
            **about,
        ),
        repeats=2,
    )


def _unreachable(exc: Exception, who: str, about: dict[str, str], retry_after: float | None = None) -> Fault:
    return Fault(
        errors.ProviderUnavailable(
            f"{who} cannot be reached or failed: {_short(exc)}",
            remedy="Check that it is running and that its base URL is right, then try again.",
            **about,
        ),
        retry_after=retry_after,
    )


def _is_transport(exc: Exception) -> bool:
    import httpx2

    return isinstance(exc, httpx2.TransportError | httpx2.StreamError | OSError)


def _short(exc: Exception, limit: int = 200) -> str:
    body = getattr(exc, "body", None)
    if isinstance(body, dict):
        inner = body.get("error")
        said = inner.get("message") if isinstance(inner, dict) else body.get("message")
        if isinstance(said, str) and said:
            exc = Exception(said)  # the provider's own words, without the envelope
    text = " ".join((str(exc) or type(exc).__name__).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
