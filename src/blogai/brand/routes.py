"""HTTP: brand voices, their samples, training and scores."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, File, Form, Query, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from blogai.brand.models import (
    FullSample,
    NewProfile,
    Profile,
    ProfileChange,
    Sample,
    StoredScore,
    TrainingState,
)
from blogai.brand.reading import MOST_BYTES
from blogai.brand.samples import Outcome, Samples
from blogai.brand.scores import Scores
from blogai.brand.service import Profiles
from blogai.brand.training import Training
from blogai.brand.voice.report import Deviation, Feedback, Judged, RuleReport
from blogai.db.database import Actor, Database
from blogai.db.paging import Page
from blogai.errors import InvalidInput
from blogai.inputs import MOST_SEARCH
from blogai.web.actor import current_actor

Caller = Annotated[Actor, Depends(current_actor)]
Cursor = Annotated[str | None, Query(max_length=200, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=100)]


class NewSample(BaseModel):
    """A pasted text."""

    model_config = ConfigDict(extra="forbid")
    content: str = Field(description="10 to 50,000 characters of prose.")
    title: str | None = None
    content_type: str = Field(default="text", description="text, blog, email, social, website or article.")
    primary: bool = Field(default=False, description="Shown to models before other samples.")


class Addresses(BaseModel):
    """Public web pages."""

    model_config = ConfigDict(extra="forbid")
    urls: list[str] = Field(description="1 to 20 addresses.")
    content_type: str = "website"
    primary: bool = Field(default=False, description="Shown to models before other samples.")


class SampleMark(BaseModel):
    """Whether a sample is shown to models before others."""

    model_config = ConfigDict(extra="forbid")
    is_primary_example: bool


class TextToScore(BaseModel):
    """A text, and whether its score is kept for the trend."""

    model_config = ConfigDict(extra="forbid")
    text: str
    content_id: UUID | None = Field(default=None, description="The generated content that the text is.")
    keep: bool = True


class ScoreDocument(BaseModel):
    """A scored text with its reasons. `id` is that of the kept score."""

    id: UUID | None
    content_id: str | None
    voice: str
    overall: float
    tone_match: float
    vocabulary_match: float
    style_match: float
    words: int
    weak: bool
    deviations: list[Deviation]
    sentences: list[Judged]
    rules: RuleReport
    feedback: Feedback
    measure: str = Field(description="The version of the measure; what two versions say does not compare.")


class FingerprintDocument(BaseModel):
    """What training has found out."""

    vocabulary_profile: dict[str, Any]
    sentence_patterns: dict[str, Any]
    tone_distribution: dict[str, float]
    style_metrics: dict[str, float]
    voice_summary: str
    sample_count: int
    training_quality: float
    training_report: dict[str, Any]
    embedding_model: str


NEW = {"requestBody": {"required": True, "content": {"application/json": {"schema": NewProfile.model_json_schema()}}}}
CHANGE = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": ProfileChange.model_json_schema()}}}
}
"""The bodies are parsed by the models themselves, whose errors name the remedy; the schema is told here."""


def router(database: Database) -> APIRouter:
    """The routes below /api/v1/voices."""
    api = APIRouter(prefix="/voices", tags=["voices"])
    _profiles(api, Profiles(database))
    _samples(api, Profiles(database), Samples(database))
    _training(api, Profiles(database), Training(database))
    _scores(api, Profiles(database), Scores(database))
    return api


def _profiles(api: APIRouter, profiles: Profiles) -> None:
    @api.get("")
    async def list_voices(
        actor: Caller,
        search: Annotated[str | None, Query(max_length=MOST_SEARCH, description="Parts of the name.")] = None,
        cursor: Cursor = None,
        limit: Limit = 20,
    ) -> Page[Profile]:
        """Brand voices: the default one, then the newest first."""
        return await profiles.page(actor, search=search, cursor=cursor, limit=limit)

    @api.post("", status_code=201, openapi_extra=NEW)
    async def create_voice(response: Response, body: Annotated[dict[str, Any], Body()], actor: Caller) -> Profile:
        """Makes a brand voice; add samples and train it before it is used."""
        made = await profiles.create(actor, NewProfile.parse(body))
        response.headers["Location"] = f"/api/v1/voices/{made.id}"
        return made

    @api.get("/{voice}")
    async def get_voice(voice: str, actor: Caller) -> Profile:
        """One voice, by id or slug."""
        return await profiles.get(actor, voice)

    @api.patch("/{voice}", openapi_extra=CHANGE)
    async def edit_voice(voice: str, body: Annotated[dict[str, Any], Body()], actor: Caller) -> Profile:
        """Changes what is given; null empties a field."""
        change = ProfileChange.parse(body)
        return await profiles.edit(actor, (await profiles.get(actor, voice)).id, change)

    @api.delete("/{voice}", status_code=204)
    async def delete_voice(voice: str, actor: Caller) -> None:
        """Deletes a voice with its samples and scores."""
        await profiles.delete(actor, (await profiles.get(actor, voice)).id)

    @api.put("/{voice}/default")
    async def set_default_voice(voice: str, actor: Caller) -> Profile:
        """Makes it the voice of every text that names no other."""
        return await profiles.set_default(actor, (await profiles.get(actor, voice)).id)


def _samples(api: APIRouter, profiles: Profiles, samples: Samples) -> None:
    @api.get("/{voice}/samples")
    async def list_samples(voice: str, actor: Caller, cursor: Cursor = None, limit: Limit = 20) -> Page[Sample]:
        """The samples of a voice, the newest first."""
        return await samples.page(actor, (await profiles.get(actor, voice)).id, cursor=cursor, limit=limit)

    @api.post("/{voice}/samples", status_code=201)
    async def add_sample(voice: str, body: NewSample, actor: Caller) -> Sample:
        """Adds a pasted text."""
        profile = await profiles.get(actor, voice)
        return await samples.add(
            actor,
            profile.id,
            body.content,
            title=body.title,
            content_type=body.content_type,
            primary=body.primary,
        )

    @api.post("/{voice}/samples/files", status_code=201)
    async def upload_sample(
        voice: str,
        file: Annotated[UploadFile, File(description="txt, md, docx or html, at most 5 MB.")],
        actor: Caller,
        content_type: Annotated[str, Form()] = "text",
        primary: Annotated[bool, Form()] = False,
    ) -> Sample:
        """Adds the prose of a file."""
        profile = await profiles.get(actor, voice)
        content = await file.read(MOST_BYTES + 1)
        if not file.filename:
            raise InvalidInput("The file has no name.", field="file", remedy="Its ending says what kind it is.")
        return await samples.add_file(
            actor, profile.id, file.filename, content, content_type=content_type, primary=primary
        )

    @api.post("/{voice}/samples/urls")
    async def fetch_samples(voice: str, body: Addresses, actor: Caller) -> list[Outcome]:
        """Adds the articles of public web pages; says for each what became of it."""
        profile = await profiles.get(actor, voice)
        return await samples.add_urls(
            actor, profile.id, body.urls, content_type=body.content_type, primary=body.primary
        )

    @api.get("/{voice}/samples/{sample_id}")
    async def get_sample(voice: str, sample_id: UUID, actor: Caller) -> FullSample:
        """One sample with its whole text."""
        return await samples.get(actor, (await profiles.get(actor, voice)).id, sample_id)

    @api.patch("/{voice}/samples/{sample_id}")
    async def mark_sample(voice: str, sample_id: UUID, body: SampleMark, actor: Caller) -> Sample:
        """Marks a sample as one that models see first."""
        profile = await profiles.get(actor, voice)
        return await samples.set_primary(actor, profile.id, sample_id, body.is_primary_example)

    @api.delete("/{voice}/samples/{sample_id}", status_code=204)
    async def delete_sample(voice: str, sample_id: UUID, actor: Caller) -> None:
        """Deletes a sample."""
        await samples.delete(actor, (await profiles.get(actor, voice)).id, sample_id)


def _training(api: APIRouter, profiles: Profiles, training: Training) -> None:
    @api.post("/{voice}/training", status_code=202)
    async def train_voice(voice: str, actor: Caller) -> TrainingState:
        """Begins a training; follow it with GET at the same place."""
        return await training.begin(actor, (await profiles.get(actor, voice)).id)

    @api.get("/{voice}/training")
    async def get_training(voice: str, actor: Caller) -> TrainingState:
        """Where the training stands."""
        return await training.state(actor, (await profiles.get(actor, voice)).id)


def _scores(api: APIRouter, profiles: Profiles, scores: Scores) -> None:
    @api.get("/{voice}/fingerprint")
    async def get_fingerprint(voice: str, actor: Caller) -> FingerprintDocument:
        """What training has found out about the voice."""
        found = await scores.fingerprint(actor, (await profiles.get(actor, voice)).id)
        return FingerprintDocument.model_validate(found, from_attributes=True)

    @api.post("/{voice}/scores")
    async def score_text(voice: str, body: TextToScore, actor: Caller) -> ScoreDocument:
        """Scores a text: how likely it is in the voice, and why."""
        scored = await scores.score(actor, voice, body.text, content_id=body.content_id, keep=body.keep)
        found = {name: getattr(scored.assessment, name) for name in ScoreDocument.model_fields if name not in _KEPT}
        stored = scored.stored
        return ScoreDocument(
            id=stored.id if stored else None,
            content_id=stored.content_id if stored else None,
            voice=scored.profile.slug,
            **found,
        )

    @api.get("/{voice}/scores")
    async def list_scores(
        voice: str,
        actor: Caller,
        content: Annotated[str | None, Query(max_length=100, description="Only those of this content.")] = None,
        cursor: Cursor = None,
        limit: Limit = 20,
    ) -> Page[StoredScore]:
        """The scores that were kept, the newest first."""
        profile = await profiles.get(actor, voice)
        return await scores.page(actor, profile.id, content_id=content, cursor=cursor, limit=limit)


_KEPT = frozenset({"id", "content_id", "voice"})
