"""The providers of an installation, by name: those of the settings, those whose key is set, and the embedded model."""

import asyncio
import os
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self

from blogai.errors import ConfigurationError, InvalidInput
from blogai.providers.backoff import Backoff
from blogai.providers.link import Link
from blogai.providers.local import LocalModel
from blogai.providers.text import TextModel
from blogai.settings import DEFAULT_MODELS, KEY_VARIABLES, ProviderKind, ProviderSettings, Settings

if TYPE_CHECKING:
    import httpx2
    from pydantic_ai.models import Model

LOCAL = "local"

LOCAL_PATIENCE = 10
"""The embedded model may take this many times the timeout: it cannot hang, but on a busy machine it is slow."""


class Providers:
    """All providers of one process and event loop. Making it imports no SDK and opens no connection.

    Attributes:
        local: the embedded model, whose state the health check shows.
        default: name of the provider that is used when none is asked for: `default_provider` of the
            settings, else the first remote one that is ready for use (its key is set, or it is an
            OpenAI-compatible server of the user's, which needs none), else `local`.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        environ: Mapping[str, str] | None = None,
        backoff: Backoff | None = None,
        models: "Mapping[str, Model] | None" = None,
    ) -> None:
        """Args:
        settings: where the named providers, timeout, repeats and fallbacks are.
        environ: where the usual key variables are looked up; the process environment when left out.
        backoff: waits between repeats.
        models: further providers (of kind `python`) as ready pydantic-ai models.

        Raises:
            ConfigurationError: an openai-compatible provider has no base URL, the default or a fallback
                names no provider, or a fallback has no key.
        """
        self._settings = settings
        self._environ = os.environ if environ is None else environ
        self._backoff = backoff or Backoff()
        self._models = dict(models or {})
        self._clients: dict[bool, httpx2.AsyncClient] = {}
        self._lock = threading.Lock()
        self.local = LocalModel.shared(settings)
        self._entries = self._collect()
        self._links: dict[str, Link] = {}
        known = ", ".join(self.names())
        if settings.default_provider is not None and settings.default_provider not in self.names():
            raise ConfigurationError(
                f"BLOGAI_DEFAULT_PROVIDER names no provider: {settings.default_provider!r}.",
                field="BLOGAI_DEFAULT_PROVIDER",
                remedy=f"Use one of {known}.",
            )
        for name in settings.fallback_providers:
            if name not in self.names():
                raise ConfigurationError(
                    f"BLOGAI_FALLBACK_PROVIDERS names no provider: {name!r}.",
                    field="BLOGAI_FALLBACK_PROVIDERS",
                    remedy=f"Use some of {known}.",
                )
            self._check_key(name)
        self.default = settings.default_provider or next(
            (name for name in self.names() if name != LOCAL and self._usable(name)), LOCAL
        )

    def names(self) -> tuple[str, ...]:
        """Names of all providers: those of the settings in their order, those found by their key, `local`."""
        return (*self._models, *self._entries)

    def kind(self, name: str) -> str:
        """The kind of a provider."""
        return "python" if name in self._models else self._entries[name].kind

    def model(self, name: str | None = None) -> TextModel:
        """A model to write with: the named provider, or the default, with the fallbacks behind it.

        Raises:
            InvalidInput: there is no provider of that name; the remedy lists all.
            ConfigurationError: the provider has no key.
        """
        chosen = self.default if name is None else name
        if chosen not in self.names():
            raise InvalidInput(
                f"There is no provider {chosen!r}.", field="provider", remedy=f"Use one of {', '.join(self.names())}."
            )
        self._check_key(chosen)
        order = dict.fromkeys((chosen, *self._settings.fallback_providers))
        return TextModel(
            [self._link(each) for each in order], repeats=self._settings.provider_retries, backoff=self._backoff
        )

    async def warm(self, name: str | None = None) -> None:
        """Prepares a provider before its first call: imports its SDK, and loads the model if it is the embedded one.

        Raises:
            ModelUnavailable: the embedded model cannot be loaded.
        """
        await self._link(self.default if name is None else name).warm()

    async def close(self) -> None:
        """Closes the connections to remote providers; the embedded model stays loaded for the process."""
        self._links.clear()
        while self._clients:
            _, client = self._clients.popitem()
            await client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _collect(self) -> dict[str, ProviderSettings]:
        entries = dict(self._settings.providers)
        for name, entry in entries.items():
            if entry.kind == "openai-compatible" and not entry.base_url:
                variable = f"BLOGAI_PROVIDERS__{name.upper()}__BASE_URL"
                raise ConfigurationError(
                    f"Provider {name} is openai-compatible and has no base URL.",
                    field=variable,
                    remedy=f"Set {variable}, for example to http://127.0.0.1:11434/v1.",
                )
            if entry.kind == "openai-compatible" and not entry.model:
                variable = f"BLOGAI_PROVIDERS__{name.upper()}__MODEL"
                raise ConfigurationError(
                    f"Provider {name} is openai-compatible and names no model.",
                    field=variable,
                    remedy=f"Set {variable} to a model that the server has.",
                )
        kinds: tuple[ProviderKind, ...] = ("openai", "anthropic", "google")
        for kind in kinds:
            if kind not in entries and self._key_from_environment(kind):
                entries[kind] = ProviderSettings(kind=kind)
        entries.setdefault(LOCAL, ProviderSettings(kind="local"))
        return entries

    def _key_from_environment(self, kind: str) -> str | None:
        return next((self._environ[name] for name in KEY_VARIABLES.get(kind, ()) if self._environ.get(name)), None)

    def _key(self, entry: ProviderSettings) -> str | None:
        if entry.api_key is not None and entry.api_key.get_secret_value():
            return entry.api_key.get_secret_value()
        return self._key_from_environment(entry.kind)

    def _usable(self, name: str) -> bool:
        if name in self._models:
            return True
        entry = self._entries[name]
        return entry.kind not in KEY_VARIABLES or self._key(entry) is not None

    def _key_hint(self, name: str) -> str:
        entry = self._entries[name]
        own = f"BLOGAI_PROVIDERS__{name.upper()}__API_KEY"
        usual = KEY_VARIABLES.get(entry.kind, ())
        return " or ".join(usual if name not in self._settings.providers else (own, *usual))

    def _check_key(self, name: str) -> None:
        if not self._usable(name):
            raise ConfigurationError(
                f"Provider {name} has no key.", field="provider", remedy=f"Set {self._key_hint(name)}."
            )

    def _link(self, name: str) -> Link:
        if name not in self._links:
            self._links[name] = self._new_link(name)
        return self._links[name]

    def _new_link(self, name: str) -> Link:
        timeout = self._settings.provider_timeout
        if name in self._models:
            ready = self._models[name]

            async def given() -> "Model":
                return ready

            return Link(name, "python", ready.model_name, None, "the program", timeout, given)
        entry = self._entries[name]
        if entry.kind == "local":
            return Link(
                name,
                "local",
                self.local.model_name,
                None,
                "the settings",
                timeout * LOCAL_PATIENCE,
                lambda: self._build_local(name),
                slots=self.local.slot,
            )
        model = entry.model or DEFAULT_MODELS[entry.kind]
        return Link(
            name,
            entry.kind,
            model,
            entry.base_url,
            self._key_hint(name),
            timeout,
            lambda: self._build_remote(name, model),
        )

    async def _build_remote(self, name: str, model: str) -> "Model":
        entry = self._entries[name]
        return await asyncio.to_thread(
            self._build, entry.kind, name, model, base_url=entry.base_url, api_key=self._key(entry)
        )

    async def _build_local(self, name: str) -> "Model":
        await self.local.ready()
        return await asyncio.to_thread(
            self._build,
            "local",
            name,
            self.local.model_name,
            base_url=self.local.base_url,
            api_key=self.local.api_key,
        )

    def _build(
        self, kind: ProviderKind, name: str, model: str, *, base_url: str | None, api_key: str | None
    ) -> "Model":
        # runs in a thread: the first import of an SDK takes a second that the event loop cannot spare
        from blogai.providers import sdk

        local = kind == "local"
        with self._lock:
            if local not in self._clients:
                self._clients[local] = sdk.http_client(self._settings.provider_timeout, local=local)
            client = self._clients[local]
        return sdk.build_model(kind=kind, name=name, model=model, base_url=base_url, api_key=api_key, client=client)
