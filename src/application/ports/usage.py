"""Port: what a workspace uses of its plan, counted in the transaction of what is counted."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.plans import Quota, Standing, UsageRecord


class UsageMeter(ABC):
    """The counters and the records of the unit's tenant."""

    @abstractmethod
    async def count(self, amounts: Mapping[Quota, int], now: datetime) -> Sequence[Standing]:
        """Add to the counters of the present periods and return how they stand then, in this order.

        0 only looks; less than 0 gives back, never below 0. A counter that was changed stays locked
        until the commit, so count last, after the audit log: no two units wait for each other then. Members
        are not counted here. Raises NotFound where there is no such workspace.
        """

    @abstractmethod
    async def record(self, record: UsageRecord) -> None:
        """Write down what something cost and count its tokens; a known id changes nothing."""
