"""Make, change, publish and delete bots."""

from collections.abc import Mapping
from datetime import datetime

from application.ports.clock import Clock
from application.ports.embedder import Embedder
from application.ports.model_catalog import ModelCatalog
from application.ports.unit_of_work import UnitsOfWork
from application.ports.vector_index import VectorIndex
from application.services.audit import audit
from application.services.chosen_models import check_models
from application.services.etag import require_version
from application.services.idempotency import IdempotencyKey, made_before, remember
from application.services.quotas import release_documents, take
from domain.accounts import Actor
from domain.bots import (
    DESCRIPTION_MAX,
    NAME_MAX,
    NOTE_MAX,
    Bot,
    BotVersion,
    GenerationState,
    IndexGeneration,
)
from domain.chunking import CHUNKER
from domain.configuration import Configuration
from domain.erasures import Erasure
from domain.errors import InvalidInput
from domain.jobs import Job, JobKind
from domain.plans import Quota


class CreateBot:
    """Make a bot with an empty index of the present embedder and store."""

    def __init__(
        self,
        units: UnitsOfWork,
        embedder: Embedder,
        vectors: VectorIndex,
        models: ModelCatalog,
        clock: Clock,
    ) -> None:
        self._units = units
        self._embedder = embedder
        self._vectors = vectors
        self._models = models
        self._clock = clock

    async def __call__(
        self,
        actor: Actor,
        name: str,
        description: str = "",
        configuration: Mapping[str, object] | None = None,
        key: IdempotencyKey | None = None,
    ) -> tuple[Bot, bool]:
        """Return the bot, and whether an earlier request with the key made it. Raises InvalidInput."""
        settings = Configuration.of(configuration or {})
        now = self._clock.now()
        bot = Bot(
            id=self._clock.new_id("bot"),
            tenant_id=actor.tenant_id,
            name=checked_name(name),
            description=checked_description(description),
            configuration=settings,
            public_id=self._clock.new_id("pub"),
            created_at=now,
            updated_at=now,
        )
        async with self._units.open(actor.tenant_id) as uow:
            before = await made_before(uow, actor, key)
            if before:
                return await uow.bots.get(before[0]), True
            await check_models(self._models, settings, uow.credentials)
            await uow.bots.add(bot)
            await uow.generations.add(self._first_generation(bot, now))
            await remember(uow, actor, key, [bot.id])
            await audit(uow, self._clock, actor, "bot.created", ("bot", bot.id))
            await take(uow, {Quota.BOTS: 1}, now)
        return bot, False

    def _first_generation(self, bot: Bot, now: datetime) -> IndexGeneration:
        return IndexGeneration(
            id=self._clock.new_id("gen"),
            bot_id=bot.id,
            state=GenerationState.LIVE,
            space=self._embedder.space,
            dimensions=self._embedder.dimensions,
            chunker=CHUNKER,
            store=self._vectors.kind,
            created_at=now,
        )


class UpdateBot:
    """Change a bot by JSON Merge Patch (RFC 7396)."""

    def __init__(self, units: UnitsOfWork, models: ModelCatalog, clock: Clock) -> None:
        self._units = units
        self._models = models
        self._clock = clock

    async def __call__(
        self,
        actor: Actor,
        bot_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        configuration: Mapping[str, object] | None = None,
        expected_version: int | None = None,
    ) -> Bot:
        """Raises NotFound, InvalidInput and PreconditionFailed."""
        async with self._units.open(actor.tenant_id) as uow:
            bot = await uow.bots.get(bot_id, lock=True)
            require_version(bot.version, expected_version)
            if name is not None:
                bot.name = checked_name(name)
            if description is not None:
                bot.description = checked_description(description)
            if configuration is not None:
                bot.configuration = bot.configuration.merged(configuration)
                await check_models(self._models, bot.configuration, uow.credentials)
            bot.updated_at = self._clock.now()
            await uow.bots.save(bot)
            given = {"name": name, "description": description, "configuration": configuration}
            changed = {
                "changed": " ".join(key for key, value in given.items() if value is not None)
            }
            await audit(uow, self._clock, actor, "bot.updated", ("bot", bot_id), changed)
        return bot


class DeleteBot:
    """Take a bot out of service at once, and erase what it knew in the background."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def __call__(
        self, actor: Actor, bot_id: str, expected_version: int | None = None
    ) -> Erasure:
        """Return the receipt of the erasure. Raises NotFound and PreconditionFailed."""
        receipt = Erasure(
            self._clock.new_id("era"), "bot", bot_id, actor.user_id, self._clock.now()
        )
        async with self._units.open(actor.tenant_id) as uow:
            bot = await uow.bots.get(bot_id, lock=True)
            require_version(bot.version, expected_version)
            gone = await uow.bots.delete(bot_id)
            await uow.erasures.add(receipt)
            await uow.jobs.enqueue(
                Job(
                    id=self._clock.new_id("job"),
                    tenant_id=actor.tenant_id,
                    kind=JobKind.PURGE_BOT,
                    subject_id=bot_id,
                    run_at=self._clock.now(),
                ),
                at_once=True,
            )
            await audit(uow, self._clock, actor, "bot.deleted", ("bot", bot_id))
            await release_documents(uow, gone, self._clock.now(), bots=1)
        return receipt


class CreateVersion:
    """Freeze the present configuration as the next version."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def __call__(self, actor: Actor, bot_id: str, note: str = "") -> BotVersion:
        """Raises NotFound and InvalidInput."""
        note = checked_note(note)
        async with self._units.open(actor.tenant_id) as uow:
            bot = await uow.bots.get(bot_id, lock=True)
            number = await uow.bots.last_version(bot_id) + 1
            version = BotVersion(
                bot_id,
                number,
                bot.configuration,
                self._clock.now(),
                created_by=actor.id,
                note=note,
            )
            await uow.bots.add_version(version)
            what = {"version": number}
            await audit(uow, self._clock, actor, "bot.version_created", ("bot", bot_id), what)
        return version


class PublishVersion:
    """Serve a version to visitors and API consumers; publishing an older one is a rollback."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def __call__(self, actor: Actor, bot_id: str, number: int) -> Bot:
        """Raises NotFound."""
        async with self._units.open(actor.tenant_id) as uow:
            bot = await uow.bots.get(bot_id, lock=True)
            await uow.bots.version(bot_id, number)
            bot.published_version = number
            bot.updated_at = self._clock.now()
            await uow.bots.save(bot)
            await uow.bots.note_publication(bot_id, number, bot.updated_at)
            what = {"version": number}
            await audit(uow, self._clock, actor, "bot.published", ("bot", bot_id), what)
        return bot


def checked_name(name: str) -> str:
    """Return a bot's name without outer spaces. Raises InvalidInput."""
    name = name.strip()
    if not 1 <= len(name) <= NAME_MAX or "\x00" in name:
        raise InvalidInput(f"A name has 1 to {NAME_MAX} characters.", pointer="/name")
    return name


def checked_note(note: str) -> str:
    """Return what a version is for, without outer spaces. Raises InvalidInput."""
    note = note.strip()
    if len(note) > NOTE_MAX or "\x00" in note:
        raise InvalidInput(f"A note has at most {NOTE_MAX} characters.", pointer="/note")
    return note


def checked_description(description: str) -> str:
    """Return a bot's description. Raises InvalidInput."""
    if len(description) > DESCRIPTION_MAX or "\x00" in description:
        raise InvalidInput(
            f"A description has at most {DESCRIPTION_MAX} characters.", pointer="/description"
        )
    return description
