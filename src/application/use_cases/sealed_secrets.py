"""Housekeeping of the installation's operator: which keys seal what, and sealing it all anew."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from application.ports.credentials import WorkspaceList
from application.ports.sealed_values import SealedValue, SealedValues
from application.ports.secret_box import SecretBox, SecretUnreadable
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork

UNREADABLE = "unreadable"  # stands for the key of what no box has sealed
_PAGE = 100
Report = Callable[[int], None]


@dataclass(slots=True)
class Rotation:
    """What came of sealing anew. `unreadable` holds the contexts of what could not be opened."""

    workspaces: int = 0
    resealed: int = 0
    current: int = 0
    unreadable: list[str] = field(default_factory=list)


@dataclass(slots=True)
class SealedSecrets:
    """How many secrets each key has sealed."""

    current_key_id: str
    by_key: Mapping[str, int]

    @property
    def stale(self) -> int:
        """How many wait to be sealed with the current key."""
        return sum(n for key_id, n in self.by_key.items() if key_id != self.current_key_id)


class RotateSecrets:
    """Seal with the current key whatever an older one sealed: in workspaces, and `outside` of them.

    One short transaction a workspace: broken off, it goes on where it was when it is run again, and
    what people change meanwhile is not lost.
    """

    def __init__(
        self,
        units: UnitsOfWork,
        workspaces: WorkspaceList,
        outside: Sequence[SealedValues],
        box: SecretBox,
    ) -> None:
        self._units = units
        self._workspaces = workspaces
        self._outside = outside
        self._box = box

    async def __call__(self, report: Report = lambda _: None) -> Rotation:
        """Return the counts; `report` is told how many workspaces are done."""
        made = Rotation()
        async for tenant_id in _workspaces(self._workspaces):
            async with self._units.open(tenant_id) as uow:
                await self._reseal_credentials(uow, made)
            made.workspaces += 1
            report(made.workspaces)
        for values in self._outside:
            async for value in _values(values):
                sealed = self._resealed(value.sealed, value.context, made)
                if sealed is not None and not await values.replace(value, sealed):
                    made.resealed -= 1  # somebody set it anew: with the current key
        return made

    async def _reseal_credentials(self, uow: UnitOfWork, made: Rotation) -> None:
        known = await uow.credentials.list()
        if all(each.key_id == self._box.current_key_id for each in known):  # nothing to lock
            made.current += len(known)
            return
        for each in await uow.credentials.list(lock=True):
            sealed = self._resealed(each.sealed, each.context, made)
            if sealed is not None:
                key_id = self._box.key_id_of(sealed)
                await uow.credentials.save(replace(each, sealed=sealed, key_id=key_id))

    def _resealed(self, sealed: str, context: str, made: Rotation) -> str | None:
        """Return the same sealed with the current key, or None where it is or cannot be; count it."""
        try:
            if self._box.key_id_of(sealed) == self._box.current_key_id:
                made.current += 1
                return None
            plain = self._box.open(sealed, context)
        except SecretUnreadable:
            made.unreadable.append(context)
            return None
        made.resealed += 1
        return self._box.seal(plain, context)


class CountSecrets:
    """Count what each key has sealed: a key that is counted must not be taken away."""

    def __init__(
        self,
        units: UnitsOfWork,
        workspaces: WorkspaceList,
        outside: Sequence[SealedValues],
        box: SecretBox,
    ) -> None:
        self._units = units
        self._workspaces = workspaces
        self._outside = outside
        self._box = box

    async def __call__(self) -> SealedSecrets:
        """Return the counts by key id."""
        counts: Counter[str] = Counter()
        async for tenant_id in _workspaces(self._workspaces):
            async with self._units.open(tenant_id) as uow:
                stored = await uow.credentials.list()
            counts.update(self._key_of(each.sealed) for each in stored)
        for values in self._outside:
            async for value in _values(values):
                counts[self._key_of(value.sealed)] += 1
        return SealedSecrets(self._box.current_key_id, counts)

    def _key_of(self, sealed: str) -> str:
        try:
            return self._box.key_id_of(sealed)
        except SecretUnreadable:
            return UNREADABLE


async def _workspaces(workspaces: WorkspaceList) -> AsyncIterator[str]:
    after: str | None = None
    while page := await workspaces.ids(after, _PAGE):
        for tenant_id in page:
            yield tenant_id
        after = page[-1]


async def _values(values: SealedValues) -> AsyncIterator[SealedValue]:
    after: str | None = None
    while page := await values.page(after, _PAGE):
        for value in page:
            yield value
        after = page[-1].place
