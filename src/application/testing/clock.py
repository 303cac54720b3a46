"""What every clock promises."""

from datetime import UTC, timedelta

from application.ports.clock import Clock
from application.testing.contract import Contract
from domain.ids import is_id


class ClockContract(Contract):
    """A subclass gives the fixture `clock`."""

    def test_the_time_is_utc_and_does_not_run_backwards(self, clock: Clock) -> None:
        first, second = clock.now(), clock.now()
        assert first.tzinfo is UTC
        assert first <= second <= first + timedelta(minutes=1)
        assert clock.monotonic() <= clock.monotonic()

    def test_ids_have_their_shape_and_sort_in_the_order_they_were_made(self, clock: Clock) -> None:
        ids = [clock.new_id("msg") for _ in range(5000)]
        assert all(is_id(value, "msg") for value in ids)
        assert len(set(ids)) == len(ids)
        assert sorted(ids) == ids

    def test_secrets_differ_and_hold_256_bits_in_safe_characters(self, clock: Clock) -> None:
        secrets = {clock.new_secret() for _ in range(100)}
        assert len(secrets) == 100
        for secret in secrets:
            assert len(secret) >= 43
            assert secret.replace("-", "").replace("_", "").isalnum()
            assert secret.isascii()
