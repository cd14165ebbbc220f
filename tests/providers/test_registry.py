"""Which providers there are, which one is taken, and what is refused."""

import os
import subprocess
import sys

import pytest
from pydantic import SecretStr
from tests.providers.conftest import Configure, Outline

from blogai.errors import ConfigurationError, InvalidInput
from blogai.providers.registry import Providers
from blogai.providers.text import Prompt
from blogai.settings import DEFAULT_MODELS, ProviderSettings, Settings

HEAVY = ("pydantic_ai", "openai", "anthropic", "google", "xllamacpp", "genai_prices", "httpx2", "httpx", "fastapi")


def test_without_keys_there_is_the_local_model() -> None:
    providers = Providers(Settings(), environ={})
    assert providers.names() == ("local",)
    assert providers.default == "local"
    model = providers.model()
    assert (model.name, model.kind, model.model) == ("local", "local", DEFAULT_MODELS["local"])


@pytest.mark.parametrize(
    ("variable", "name"),
    [
        ("OPENAI_API_KEY", "openai"),
        ("ANTHROPIC_API_KEY", "anthropic"),
        ("GEMINI_API_KEY", "google"),
        ("GOOGLE_API_KEY", "google"),
    ],
)
def test_a_key_in_the_usual_variable_is_enough(variable: str, name: str) -> None:
    providers = Providers(Settings(), environ={variable: "k"})
    assert providers.names() == (name, "local")
    model = providers.model()
    assert (model.name, model.kind, model.model) == (name, name, DEFAULT_MODELS[name])
    assert providers.model("local").name == "local"


def test_default_models_are_known_to_the_libraries() -> None:
    from genai_prices import Usage, calc_price
    from pydantic_ai.models import known_model_names

    known = set(known_model_names())
    for kind in ("openai", "anthropic", "google"):
        assert f"{kind}:{DEFAULT_MODELS[kind]}" in known
        assert (
            calc_price(Usage(input_tokens=1, output_tokens=1), DEFAULT_MODELS[kind], provider_id=kind).total_price > 0
        )


def test_default_provider_of_the_settings_wins(configure: Configure) -> None:
    providers = configure(lab="http://127.0.0.1:9/v1", default_provider="local")
    assert providers.names() == ("lab", "local")
    assert providers.model().name == "local"


def test_a_server_of_the_users_is_preferred_to_the_demo_model(configure: Configure) -> None:
    assert configure(lab="http://127.0.0.1:9/v1").default == "lab"


def test_unknown_provider_names_the_known_ones(configure: Configure) -> None:
    with pytest.raises(InvalidInput) as caught:
        configure(lab="http://127.0.0.1:9/v1").model("labb")
    assert caught.value.field == "provider"
    assert "lab, local" in str(caught.value.remedy)


def test_openai_compatible_needs_a_base_url_and_a_model() -> None:
    with pytest.raises(ConfigurationError, match="no base URL") as caught:
        Providers(Settings(providers={"lab": ProviderSettings(kind="openai-compatible", model="m")}), environ={})
    assert caught.value.field == "BLOGAI_PROVIDERS__LAB__BASE_URL"
    entry = ProviderSettings(kind="openai-compatible", base_url="http://127.0.0.1:9/v1")
    with pytest.raises(ConfigurationError, match="names no model"):
        Providers(Settings(providers={"lab": entry}), environ={})


@pytest.mark.parametrize(
    ("option", "variable"),
    [
        ({"default_provider": "nobody"}, "BLOGAI_DEFAULT_PROVIDER"),
        ({"fallback_providers": ("nobody",)}, "BLOGAI_FALLBACK_PROVIDERS"),
    ],
)
def test_settings_that_name_no_provider_are_refused(option: dict[str, object], variable: str) -> None:
    with pytest.raises(ConfigurationError, match="names no provider") as caught:
        Providers(Settings(**option), environ={})  # type: ignore[arg-type]
    assert caught.value.field == variable
    assert "local" in str(caught.value.remedy)


def test_named_provider_without_a_key_is_refused_when_used() -> None:
    settings = Settings(providers={"paid": ProviderSettings(kind="anthropic")})
    providers = Providers(settings, environ={})
    assert providers.default == "local"
    with pytest.raises(ConfigurationError) as caught:
        providers.model("paid")
    assert "BLOGAI_PROVIDERS__PAID__API_KEY or ANTHROPIC_API_KEY" in str(caught.value.remedy)
    with pytest.raises(ConfigurationError, match="no key"):
        Providers(settings.model_copy(update={"fallback_providers": ("paid",)}), environ={})


def test_key_of_the_entry_wins_over_the_environment() -> None:
    entry = ProviderSettings(kind="openai", api_key=SecretStr("own"))
    providers = Providers(Settings(providers={"paid": entry}), environ={"OPENAI_API_KEY": "usual"})
    assert providers._key(entry) == "own"
    assert providers.names() == ("paid", "openai", "local")


async def test_a_model_object_can_take_the_place_of_a_provider() -> None:
    from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart
    from pydantic_ai.models import override_allow_model_requests
    from pydantic_ai.models.function import AgentInfo, FunctionModel

    def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        return ModelResponse(parts=[TextPart('{"title": "Bees", "sections": ["1", "2", "3"]}')])

    with override_allow_model_requests(False):
        providers = Providers(Settings(), environ={}, models={"mine": FunctionModel(answer)})
        assert providers.names() == ("mine", "local")
        model = providers.model()
        assert model.kind == "python"
        found, tokens = await model.structured(Prompt("s", "u"), Outline)
    assert found.title == "Bees"
    assert tokens.output > 0


def test_importing_and_making_providers_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from blogai.settings import Settings\n"
        "from blogai.providers.registry import Providers\n"
        "model = Providers(Settings(), environ={'OPENAI_API_KEY': 'k'}).model()\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/", env=env)
    assert done.stdout.strip() == "[]"
