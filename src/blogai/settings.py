"""The settings of the program: environment variables `BLOGAI_...`, with defaults that need no account.

Nested settings are written with two underscores: `BLOGAI_PROVIDERS__LAB__BASE_URL=http://127.0.0.1:11434/v1`.
"""

import os
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from blogai.errors import ConfigurationError

ProviderKind = Literal["local", "openai", "anthropic", "google", "openai-compatible"]

KEY_VARIABLES: dict[str, tuple[str, ...]] = {
    "openai": ("OPENAI_API_KEY",),
    "anthropic": ("ANTHROPIC_API_KEY",),
    "google": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
}
"""The variables in which each kind's users keep their key; setting one is enough to use the provider."""

DEFAULT_MODELS: dict[str, str] = {
    "local": "SmolLM2-135M-Instruct",
    "openai": "gpt-6-luna",
    "anthropic": "claude-sonnet-5-5",
    "google": "gemini-3.8-flash",
}


def default_data_dir() -> Path:
    """Where data lives unless BLOGAI_DATA_DIR says otherwise.

    As root it is /var/lib/blogai: PostgreSQL then runs under an unprivileged account, which could
    not reach root's home without opening it to everybody.
    """
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/blogai")
    import platformdirs

    return platformdirs.user_data_path("blogai", appauthor=False)


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


class ProviderSettings(BaseModel):
    """One named text provider."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ProviderKind = Field(description="Which API the provider speaks.")
    model: str | None = Field(default=None, description="Model name; the kind's default when left out.")
    base_url: str | None = Field(default=None, description="Address of the API; required for openai-compatible.")
    api_key: SecretStr | None = Field(
        default=None, description="Key; else the usual variable of the kind is read (OPENAI_API_KEY ...)."
    )


class Settings(BaseSettings):
    """The whole tree. Every field has a sentence; docs/settings.md is generated from them."""

    model_config = SettingsConfigDict(
        env_prefix="BLOGAI_", env_nested_delimiter="__", env_file=".env", extra="ignore", frozen=True
    )

    data_dir: Annotated[Path, AfterValidator(_absolute)] = Field(
        default_factory=default_data_dir,
        description="Folder of the embedded database, secrets and files.",
    )
    database_url: SecretStr | None = Field(
        default=None, description="Runtime login of your own PostgreSQL (15 to 18); embedded server when empty."
    )
    owner_database_url: SecretStr | None = Field(
        default=None, description="Login that owns the schema; used by the db commands and by maintenance alone."
    )
    database_pool_size: int = Field(default=10, ge=1, le=200, description="Most connections of one process.")
    host: str = Field(default="127.0.0.1", description="Address to listen on; loopback only until sign-in exists.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    providers: dict[str, ProviderSettings] = Field(
        default_factory=dict, description="Named text providers, beside those found by their key variables."
    )
    default_provider: str | None = Field(
        default=None, description="Name of the provider to use; else the first with a key, else local."
    )
    fallback_providers: tuple[str, ...] = Field(
        default=(), description="Names of providers to try, in order, when the chosen one fails (a JSON list)."
    )
    provider_timeout: float = Field(
        default=60.0,
        gt=0,
        le=600,
        description="Seconds to wait for the next byte of a provider; the embedded model has ten times as long.",
    )
    provider_retries: int = Field(
        default=3, ge=0, le=10, description="Repeats of a call after 429, 5xx or a network error."
    )
    model_path: Annotated[Path, AfterValidator(_absolute)] | None = Field(
        default=None, description="A GGUF file for the embedded model instead of the one that is shipped."
    )
    model_threads: int = Field(
        default=0, ge=0, le=256, description="Threads of the embedded model; 0 takes half of the cores."
    )
    model_context: int = Field(default=4096, ge=512, le=131072, description="Context of the embedded model in tokens.")
    run_lease: float = Field(
        default=60.0, ge=1, le=3600, description="Seconds without a sign of life after which a run counts as dead."
    )
    run_patience: float = Field(
        default=300.0,
        ge=0,
        le=86400,
        description="Seconds to keep trying to store a result while the database is away, before it goes to a file.",
    )
    run_event_days: int = Field(
        default=30, ge=1, le=3650, description="Days after its end for which what a run told its readers is kept."
    )
    embedded_worker: bool = Field(default=True, description="Run the job worker inside `blogai serve`.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="Least level logged.")

    @cached_property
    def embedded_database(self) -> bool:
        """True when no server of the user's is named."""
        return self.database_url is None and self.owner_database_url is None


def load_settings(**overrides: object) -> Settings:
    """The settings from the environment.

    Raises:
        ConfigurationError: a variable has a value that does not fit; the message names it.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as exc:
        first = exc.errors()[0]
        name = "BLOGAI_" + "__".join(str(part) for part in first["loc"]).upper()
        raise ConfigurationError(f"{name}: {first['msg']}.", field=name, remedy="See docs/settings.md.") from exc
