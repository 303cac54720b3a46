"""Reads of what people say of answers."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from domain.feedback import Feedback


class FeedbackQueries(ABC):
    """Every call is scoped by tenant."""

    @abstractmethod
    async def given(
        self, tenant_id: str, actor_id: str, message_ids: Sequence[str]
    ) -> Mapping[str, Feedback]:
        """Return what one actor says of these messages, by message id."""

    @abstractmethod
    async def of_conversation(self, tenant_id: str, conversation_id: str) -> list[Feedback]:
        """Return all that anyone says of the answers of a conversation, by message and actor."""
