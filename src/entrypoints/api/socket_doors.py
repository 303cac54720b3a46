"""How many sockets a process holds open for one address and for one credential."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from domain.errors import RateLimited

SOCKETS_OF_CREDENTIAL = 50
SOCKETS_OF_ADDRESS = 500  # an office behind one address


class Doors:
    """Counts who is inside."""

    def __init__(self) -> None:
        self._inside: Counter[tuple[str, str]] = Counter()

    @contextmanager
    def of_address(self, address: str) -> Iterator[None]:
        """Count a socket from this address until the block ends. Raises RateLimited."""
        with self._counted(("address", address), SOCKETS_OF_ADDRESS):
            yield

    @contextmanager
    def of_credential(self, credential_id: str) -> Iterator[None]:
        """Count a socket of this person or key until the block ends. Raises RateLimited."""
        with self._counted(("credential", credential_id), SOCKETS_OF_CREDENTIAL):
            yield

    @contextmanager
    def _counted(self, who: tuple[str, str], most: int) -> Iterator[None]:
        if self._inside[who] >= most:
            raise RateLimited(f"There are {most} open connections already.", retry_after=5)
        self._inside[who] += 1
        try:
            yield
        finally:
            self._inside[who] -= 1
            if not self._inside[who]:
                del self._inside[who]
