"""Keys of workspaces: sealed for their row, used with the next answer, sealed anew by housekeeping."""

import json
from dataclasses import replace

import pytest

from adapters.memory.chat_model import InMemoryChatModel
from adapters.memory.clock import FakeClock
from adapters.memory.credentials import InMemoryCredentialQueries, InMemoryWorkspaceList
from adapters.memory.model_catalog import InMemoryModelCatalog
from adapters.memory.sealed_values import InMemorySealedValues
from adapters.memory.secret_box import InMemorySecretBox
from adapters.memory.state import MemoryState
from adapters.memory.unit_of_work import InMemoryUnitsOfWork
from application.ports.sealed_values import SealedValue
from application.ports.secret_box import SecretUnreadable
from application.use_cases.credentials import RemoveCredentials, SetCredentials
from application.use_cases.sealed_secrets import UNREADABLE, CountSecrets, RotateSecrets
from domain.accounts import Actor, MemberRole, Workspace
from domain.credentials import StoredCredentials
from domain.errors import InvalidInput, NotFound
from domain.urls import UrlRules

KEY = "sk-proj-0123456789abcdef"  # pragma: allowlist secret
OTHER_KEY = "sk-proj-fedcba9876543210"  # pragma: allowlist secret


class House:
    """A store of workspaces `ws_0` to `ws_<n-1>`, with the use cases on it; `keys` are of the box."""

    def __init__(self, workspaces: int = 2) -> None:
        self.clock = FakeClock()
        self.state = MemoryState(self.clock)
        self.units = InMemoryUnitsOfWork(self.state)
        self.queries = InMemoryCredentialQueries(self.state)
        self.factors = InMemorySealedValues()
        self.parts = (self.units, InMemoryWorkspaceList(self.state), [self.factors])
        for number in range(workspaces):
            name = f"ws_{number:03}"
            made = Workspace(id=name, name=name, plan="free", created_at=self.clock.now())
            self.state.accounts.workspaces[name] = made

    def enrol(self, box: InMemorySecretBox, user: str, plain: str) -> str:
        """Store a second factor; return its context."""
        context = f"users.totp_secret:{user}"
        self.factors.values[user] = SealedValue(user, context, box.seal(plain, context))
        return context

    def actor(self, number: int = 0) -> Actor:
        return Actor(f"usr_{number:03}", f"ws_{number:03}", MemberRole.ADMIN)

    async def give(self, box: InMemorySecretBox, number: int = 0, key: str = KEY) -> None:
        use = SetCredentials(self.units, MODELS, box, self.clock, UrlRules())
        await use(self.actor(number), "openai", {"api_key": key, "base_url": None})

    async def stored(self, number: int = 0) -> StoredCredentials:
        (found,) = await self.queries.list(self.actor(number).tenant_id)
        return found


MODELS = InMemoryModelCatalog({"openai": InMemoryChatModel()}, "openai/x")
OLD, NEW = InMemorySecretBox(["old"]), InMemorySecretBox(["new", "old"])


async def test_a_key_is_stored_sealed_for_its_row_alone() -> None:
    house = House()
    await house.give(OLD)
    stored = await house.stored()
    assert KEY not in repr(stored) + stored.sealed
    assert json.loads(OLD.open(stored.sealed, stored.context)) == {"api_key": KEY}
    assert (stored.hint, stored.key_id, stored.updated_by) == ("…cdef", "old", "usr_000")
    elsewhere = replace(stored, tenant_id="ws_001")
    with pytest.raises(SecretUnreadable):
        OLD.open(elsewhere.sealed, elsewhere.context)


async def test_the_base_url_is_sealed_with_the_key() -> None:
    house = House()
    use = SetCredentials(house.units, MODELS, OLD, house.clock, UrlRules())
    url = "https://models.example.com/v1"
    stored = await use(house.actor(), "openai", {"api_key": KEY, "base_url": url})
    assert json.loads(OLD.open(stored.sealed, stored.context))["base_url"] == url
    assert stored.shown == {"base_url": url}


async def test_what_does_not_fit_is_refused_and_nothing_is_stored() -> None:
    house = House()
    use = SetCredentials(house.units, MODELS, OLD, house.clock, UrlRules())
    with pytest.raises(InvalidInput):
        await use(house.actor(), "openai", {"api_key": KEY, "base_url": "https://127.0.0.1/v1"})
    with pytest.raises(NotFound):
        await use(house.actor(), "nobody", {"api_key": KEY})
    assert await house.queries.list("ws_000") == []


async def test_a_field_that_the_provider_has_no_use_for_is_refused() -> None:
    class KeysAlone(InMemoryModelCatalog):
        def own_fields(self, provider: str) -> frozenset[str]:
            return super().own_fields(provider) - {"base_url"}

    house = House()
    models = KeysAlone({"openai": InMemoryChatModel()}, "openai/x")
    use = SetCredentials(house.units, models, OLD, house.clock, UrlRules())
    given = {"api_key": KEY, "base_url": "https://models.example.com/v1"}
    with pytest.raises(InvalidInput) as raised:
        await use(house.actor(), "openai", given)
    assert raised.value.pointer == "/base_url"
    assert await house.queries.list("ws_000") == []


async def test_removing_is_of_the_own_workspace_alone() -> None:
    house = House()
    await house.give(OLD, 0)
    remove = RemoveCredentials(house.units, house.clock)
    with pytest.raises(NotFound):
        await remove(house.actor(1), "openai")
    with pytest.raises(NotFound):
        await remove(house.actor(0), "nobody")
    await remove(house.actor(0), "openai")
    assert await house.queries.list("ws_000") == []


async def test_the_audit_log_tells_who_gave_and_removed_a_key_but_nothing_of_it() -> None:
    house = House()
    await house.give(OLD, 0)
    await RemoveCredentials(house.units, house.clock)(house.actor(0), "openai")
    entries = [link.entry for link in house.state.audit["ws_000"]]
    assert [(e.action, e.actor_id, e.subject_id) for e in entries] == [
        ("provider_credentials.set", "usr_000", "openai"),
        ("provider_credentials.removed", "usr_000", "openai"),
    ]
    assert KEY[-4:] not in repr(entries)


async def test_rotation_seals_all_anew_and_a_second_run_has_nothing_to_do() -> None:
    house = House(workspaces=230)  # more than two pages
    for number in (0, 99, 100, 229):
        await house.give(OLD, number, f"{KEY}{number:03}")
    await house.give(NEW, 5)
    seen: list[int] = []
    made = await RotateSecrets(*house.parts, NEW)(seen.append)
    assert (made.workspaces, made.resealed, made.current, made.unreadable) == (230, 4, 1, [])
    assert seen == list(range(1, 231))
    only_new = InMemorySecretBox(["new"])
    for number in (0, 99, 100, 229):
        stored = await house.stored(number)
        opened = json.loads(only_new.open(stored.sealed, stored.context))
        assert opened == {"api_key": f"{KEY}{number:03}"}
        assert (stored.key_id, stored.updated_by) == ("new", f"usr_{number:03}")
    again = await RotateSecrets(*house.parts, NEW)()
    assert (again.resealed, again.current) == (0, 5)


async def test_what_cannot_be_read_is_named_and_left_and_the_rest_is_done() -> None:
    house = House(workspaces=3)
    await house.give(InMemorySecretBox(["lost"]), 0)
    await house.give(OLD, 1)
    before = await house.stored(0)
    made = await RotateSecrets(*house.parts, NEW)()
    assert made.unreadable == ["provider_credentials.sealed:ws_000:openai"]
    assert made.resealed == 1
    assert await house.stored(0) == before


async def test_rotation_reaches_what_stands_outside_workspaces() -> None:
    house = House()
    contexts = [house.enrol(OLD, f"usr_{n:03}", f"factor {n}") for n in range(150)]
    house.enrol(InMemorySecretBox(["lost"]), "usr_999", "gone")
    made = await RotateSecrets(*house.parts, NEW)()
    assert (made.resealed, made.unreadable) == (150, ["users.totp_secret:usr_999"])
    only_new = InMemorySecretBox(["new"])
    found = [only_new.open(house.factors.values[c.partition(":")[2]].sealed, c) for c in contexts]
    assert found == [f"factor {n}" for n in range(150)]


async def test_a_value_that_is_set_anew_meanwhile_is_not_overwritten() -> None:
    house = House()
    context = house.enrol(OLD, "usr_000", "before")

    class Racing(InMemorySealedValues):
        async def replace(self, value: SealedValue, sealed: str) -> bool:
            self.values["usr_000"] = SealedValue("usr_000", context, NEW.seal("after", context))
            return await super().replace(value, sealed)

    racing = Racing(list(house.factors.values.values()))
    made = await RotateSecrets(*house.parts[:2], [racing], NEW)()
    assert made.resealed == 0
    assert NEW.open(racing.values["usr_000"].sealed, context) == "after"


async def test_the_status_counts_by_key() -> None:
    house = House(workspaces=3)
    house.enrol(OLD, "usr_000", "factor")
    house.factors.values["usr_001"] = SealedValue("usr_001", "users.totp_secret:usr_001", "broken")
    await house.give(OLD, 0)
    await house.give(OLD, 1)
    await house.give(NEW, 2)
    found = await CountSecrets(*house.parts, NEW)()
    assert found.by_key == {"old": 3, "new": 1, UNREADABLE: 1}
    assert (found.current_key_id, found.stale) == ("new", 4)
