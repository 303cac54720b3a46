"""Throttling of log-ins and their like: `await throttle.check(Attempt.LOG_IN, ip=…, account=…)`.

    async def check(attempt: Attempt, *, ip: str, account: str = "") -> None   # raises RateLimited
    async def succeeded(attempt: Attempt, *, ip: str, account: str) -> None    # gives the quota back

Call `check` before anything that costs or tells something (before the account is looked up, before
argon2): every attempt is charged, and a success is given back. `ip` is the client's address
(`client_ip(request)` in the API); `account` is the e-mail address as it was sent, or the user's id
for a second factor. It is the same for accounts that do not exist.

What is counted, with the defaults 10 in 15 minutes (`login`) and 300 in a minute (`per_ip`):

- each attempt of a kind by its IP address, against floods and against one guess at many accounts;
- by account and IP address: 10 in 15 minutes. Guessing from one place ends here, and does not
  touch the owner, who comes from another;
- by account alone: 100 an hour, against guessing from many places. An IP address from which
  somebody logged in to this account within 30 days is not held by it, so whoever uses it up locks
  the owner out of new places only, and for an hour at most;
- a second factor by account alone: 10 in 15 minutes, from wherever (whoever gets there knows the
  password, and six digits stand no more guesses);
- forgotten passwords by account alone: 10 an hour. Who uses that up has sent the owner ten links.
"""

import hashlib
from enum import StrEnum

from application.ports.rate_limiter import Charge, Limit, RateLimiter
from domain.addresses import counted_as
from domain.errors import RateLimited

_KNOWN_SECONDS = 30 * 24 * 3600
_WIDER, _LONGER = 10, 4  # the limit of an account over all addresses: 10 times as much in 4 windows


class Attempt(StrEnum):
    """What is attempted."""

    REGISTER = "register"
    LOG_IN = "login"
    SECOND_FACTOR = "second_factor"
    REFRESH = "refresh"
    FORGOT = "forgot"
    RESET = "reset"


class Throttle:
    """Bounds attempts by address and by account."""

    def __init__(self, limiter: RateLimiter, login: Limit, per_ip: Limit) -> None:
        self._limiter = limiter
        self._login = login
        self._per_ip = per_ip

    async def check(self, attempt: Attempt, *, ip: str, account: str = "") -> None:
        """Charge an attempt. Raises RateLimited, with the seconds to wait."""
        place = counted_as(ip)
        charges = [Charge(self._per_ip_of(attempt), place)]
        if account:
            key = account_key(account)
            of_account = self._charges_of_account(attempt, place, key)
            known = attempt is Attempt.LOG_IN and await self._is_known(place, key)
            charges += of_account[:1] if known else of_account
        refused = [v for v in await self._limiter.hit_all(charges) if not v.allowed]
        if refused:
            raise RateLimited(
                "Too many attempts: wait, then try again.",
                retry_after=max(verdict.retry_after for verdict in refused),
            )

    async def succeeded(self, attempt: Attempt, *, ip: str, account: str) -> None:
        """Forget the failures of the account from this address; the address is known from now on."""
        place, key = counted_as(ip), account_key(account)
        for charge in self._charges_of_account(attempt, place, key):
            await self._limiter.reset(charge.limit, charge.key)
        if attempt is Attempt.LOG_IN:
            known = _known(place, key)
            await self._limiter.reset(known.limit, known.key)
            await self._limiter.hit(known.limit, known.key)

    async def _is_known(self, place: str, key: str) -> bool:
        known = _known(place, key)
        return (await self._limiter.peek(known.limit, known.key)).remaining == 0

    def _charges_of_account(self, attempt: Attempt, place: str, key: str) -> list[Charge]:
        """Return what an attempt at an account costs; a known address pays the first alone."""
        quota, seconds = self._login.quota, self._login.window_seconds
        one_place = Charge(Limit(f"{attempt}-place", quota, seconds), f"{key}|{place}")
        match attempt:
            case Attempt.SECOND_FACTOR:
                return [Charge(Limit(f"{attempt}-account", quota, seconds), key)]
            case Attempt.FORGOT:
                return [Charge(Limit(f"{attempt}-account", quota, seconds * _LONGER), key)]
            case Attempt.LOG_IN:
                anywhere = Limit(f"{attempt}-account", quota * _WIDER, seconds * _LONGER)
                return [one_place, Charge(anywhere, key)]
            case _:
                return [one_place]

    def _per_ip_of(self, attempt: Attempt) -> Limit:
        return Limit(f"{attempt}-ip", self._per_ip.quota, self._per_ip.window_seconds)


def _known(place: str, key: str) -> Charge:
    """Return the mark that this address has logged in to this account."""
    return Charge(Limit("login-known", 1, _KNOWN_SECONDS), f"{key}|{place}")


def account_key(account: str) -> str:
    """Return what stands for an account in counters: no address is kept there."""
    return hashlib.sha256(account.strip().lower().encode(errors="replace")).hexdigest()[:32]
