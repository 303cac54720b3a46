"""Who did something, as it is kept with what was done: an id tells its kind."""

from enum import StrEnum


class ActorKind(StrEnum):
    """What acts."""

    USER = "user"
    KEY = "key"
    VISITOR = "visitor"


_KINDS = {"usr": ActorKind.USER, "key": ActorKind.KEY}


def actor_kind(actor_id: str) -> ActorKind:
    """Return what has this id; who is neither person nor key is a visitor."""
    return _KINDS.get(actor_id.partition("_")[0], ActorKind.VISITOR)
