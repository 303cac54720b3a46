"""Port: what people say of answers."""

from abc import ABC, abstractmethod

from domain.feedback import Feedback


class FeedbackRepository(ABC):
    """The feedback of the unit's tenant: one for each message and actor."""

    @abstractmethod
    async def get(self, message_id: str, actor_id: str) -> Feedback | None:
        """Return what the actor says of the message, or None."""

    @abstractmethod
    async def put(self, feedback: Feedback) -> None:
        """Write it in the place of what the actor said before, but for when that was first said."""

    @abstractmethod
    async def delete(self, message_id: str, actor_id: str) -> None:
        """Remove it, if it is there."""
