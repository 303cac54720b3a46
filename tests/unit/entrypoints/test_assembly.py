"""Parts of the composition root become one: what is named alike is the same."""

from dependency_injector import containers, providers

from entrypoints.assembly import assembled

Single = providers.Singleton


class Thing:
    """Keeps what it was made of."""

    def __init__(self, *parts: object) -> None:
        self.parts = parts


class First(containers.DeclarativeContainer):
    """Needs two things that it does not make."""

    settings = providers.Dependency()  # type: ignore[var-annotated]
    clock = providers.Dependency()  # type: ignore[var-annotated]
    post = Single(Thing, settings, clock)


class Second(containers.DeclarativeContainer):
    """Needs what the first makes, and what the whole makes."""

    post = providers.Dependency()  # type: ignore[var-annotated]
    units = providers.Dependency()  # type: ignore[var-annotated]
    invite = Single(Thing, post, units)


@assembled(First, Second)
class Whole(First, Second):
    """Has settings from outside."""

    settings = providers.Dependency(instance_of=str)
    clock = Single(Thing)
    units = Single(Thing, clock, settings)


def test_every_part_uses_what_the_whole_gives_out() -> None:
    whole = Whole(settings="here")
    assert whole.post().parts == ("here", whole.clock())
    assert whole.invite().parts == (whole.post(), whole.units())
    assert whole.units().parts == (whole.clock(), "here")


def test_two_wholes_share_nothing() -> None:
    one, other = Whole(settings="one"), Whole(settings="other")
    assert one.invite() is not other.invite()
    assert other.post().parts[0] == "other"
