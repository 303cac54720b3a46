"""Sealed values in a dictionary."""

from collections.abc import Sequence

from application.ports.sealed_values import SealedValue, SealedValues


class InMemorySealedValues(SealedValues):
    """Holds the values it is given, by place."""

    def __init__(self, values: Sequence[SealedValue] = ()) -> None:
        self.values = {value.place: value for value in values}

    async def page(self, after: str | None, limit: int) -> Sequence[SealedValue]:
        """Return up to `limit` values that follow `after`."""
        places = [place for place in sorted(self.values) if after is None or place > after]
        return [self.values[place] for place in places[:limit]]

    async def replace(self, value: SealedValue, sealed: str) -> bool:
        """Put another sealed text there, unless the value has changed."""
        if self.values.get(value.place) != value:
            return False
        self.values[value.place] = SealedValue(value.place, value.context, sealed)
        return True
