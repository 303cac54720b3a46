"""The names of who acts in a workspace, from dictionaries."""

from collections.abc import Iterable, Mapping

from adapters.memory.state import MemoryState
from application.queries.actors import ActorNames


class InMemoryActorNames(ActorNames):
    """Reads what is committed."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def of(self, tenant_id: str, actor_ids: Iterable[str | None]) -> Mapping[str, str]:
        """Return the names of members and API keys."""
        accounts = self._state.accounts
        names = {key.id: key.name for key in self._state.tenant(tenant_id).api_keys.values()}
        names |= {
            user.id: user.full_name
            for user in accounts.users.values()
            if (tenant_id, user.id) in accounts.memberships
        }
        return {each: names[each] for each in actor_ids if each is not None and each in names}
