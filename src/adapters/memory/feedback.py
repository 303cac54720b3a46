"""What people say of answers, in dictionaries."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from adapters.memory.state import MemoryState, TenantTables
from application.ports.feedback import FeedbackRepository
from application.queries.feedback import FeedbackQueries
from domain.feedback import Feedback


class InMemoryFeedbackRepository(FeedbackRepository):
    """The feedback of the tenant whose tables it gets."""

    def __init__(self, tables: TenantTables) -> None:
        self._tables = tables

    async def get(self, message_id: str, actor_id: str) -> Feedback | None:
        """Return what the actor says, or None."""
        return self._tables.message_feedback.get((message_id, actor_id))

    async def put(self, feedback: Feedback) -> None:
        """Write it in the place of what was said before."""
        key = (feedback.message_id, feedback.actor_id)
        before = self._tables.message_feedback.get(key, feedback)
        kept = replace(feedback, created_at=before.created_at)
        self._tables.message_feedback[key] = kept

    async def delete(self, message_id: str, actor_id: str) -> None:
        """Remove it, if it is there."""
        self._tables.message_feedback.pop((message_id, actor_id), None)


class InMemoryFeedbackQueries(FeedbackQueries):
    """Reads what is committed."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def given(
        self, tenant_id: str, actor_id: str, message_ids: Sequence[str]
    ) -> Mapping[str, Feedback]:
        """Return what one actor says of these messages."""
        said = self._state.tenant(tenant_id).message_feedback
        keys = [(message_id, actor_id) for message_id in message_ids]
        return {key[0]: said[key] for key in keys if key in said}

    async def of_conversation(self, tenant_id: str, conversation_id: str) -> list[Feedback]:
        """Return all that anyone says in a conversation."""
        said = self._state.tenant(tenant_id).message_feedback
        return [said[key] for key in sorted(said) if said[key].conversation_id == conversation_id]
