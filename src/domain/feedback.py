"""What people say of an answer."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

REASON_MAX = 100
COMMENT_MAX = 2000


class Rating(StrEnum):
    """A thumb."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Feedback:
    """What one person (or API key) says of one answer: the last word counts.

    `reason` is a word of the client's own for sorting, `comment` free text; both may be missing.
    """

    message_id: str
    conversation_id: str
    actor_id: str
    rating: Rating
    reason: str | None
    comment: str | None
    created_at: datetime
    updated_at: datetime

    def says(self, rating: Rating, reason: str | None, comment: str | None) -> bool:
        """Tell whether this is what it says already."""
        return (self.rating, self.reason, self.comment) == (rating, reason, comment)
