"""Refusals of a limiter that stands elsewhere, remembered here for a moment."""

import time
from collections import OrderedDict
from collections.abc import Sequence

from application.ports.rate_limiter import Charge, Limit, Verdict

_SECONDS = 1.0
_KEYS_MAX = 10_000


class Refusals:
    """Whoever knocks at ten times his limit costs the store one call a second."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], tuple[float, Verdict]] = OrderedDict()

    def remember(self, charges: Sequence[Charge], verdicts: Sequence[Verdict]) -> None:
        """Take note of keys that have nothing left."""
        for charge, verdict in zip(charges, verdicts, strict=True):
            if not verdict.allowed and verdict.remaining == 0:
                self._known[charge.limit.name, charge.key] = (time.monotonic(), verdict)
                if len(self._known) > _KEYS_MAX:
                    self._known.popitem(last=False)

    def of(self, charges: Sequence[Charge]) -> Sequence[Verdict] | None:
        """Return the refusal where one is fresh; of the other limits nothing is known then.

        Who gives back is never refused, and what he gave is there at once.
        """
        if not self._known:
            return None
        for charge in charges:
            if charge.cost < 0:
                self.forget(charge.limit, charge.key)
        now = time.monotonic()
        for charge in charges:
            name = (charge.limit.name, charge.key)
            since, verdict = self._known.get(name, (0.0, None))
            if verdict is None or charge.cost == 0:
                continue
            left = verdict.reset_seconds - (now - since)
            if now - since > _SECONDS or left <= 0:
                del self._known[name]
                continue
            return [
                Verdict(False, charge.limit, 0, left)
                if other is charge
                else Verdict(True, other.limit, other.limit.quota, other.limit.window_seconds)
                for other in charges
            ]
        return None

    def forget(self, limit: Limit, key: str) -> None:
        """Ask the store again for this key."""
        self._known.pop((limit.name, key), None)
