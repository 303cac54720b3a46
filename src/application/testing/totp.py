"""What every maker of codes promises."""

from collections.abc import Callable

from application.ports.totp import Totp
from application.testing.contract import Contract

CodeOf = Callable[[str, int], str]
STEP = 57_000_000


class TotpContract(Contract):
    """A subclass gives the fixtures `totp` and `code_of` (secret, step -> what is shown)."""

    def test_a_code_tells_its_step(self, totp: Totp, code_of: CodeOf) -> None:
        secret = totp.new_secret()
        for step in range(STEP, STEP + 3):
            assert totp.step_of(secret, code_of(secret, step), range(STEP, STEP + 3)) == step

    def test_a_code_of_another_step_or_secret_is_none(self, totp: Totp, code_of: CodeOf) -> None:
        secret, other = totp.new_secret(), totp.new_secret()
        assert secret != other
        assert totp.step_of(secret, code_of(secret, STEP + 5), range(STEP, STEP + 3)) is None
        assert totp.step_of(secret, code_of(other, STEP), [STEP]) is None

    def test_spaces_in_a_code_do_not_count(self, totp: Totp, code_of: CodeOf) -> None:
        secret = totp.new_secret()
        code = code_of(secret, STEP)
        assert totp.step_of(secret, f" {code[:3]} {code[3:]} ", [STEP]) == STEP

    def test_what_is_no_code_is_none(self, totp: Totp) -> None:
        secret = totp.new_secret()
        for text in ("", "12345", "1234567", "abcdef", "１２３４５６", "\ud800", "\x00" * 6):
            assert totp.step_of(secret, text, range(STEP, STEP + 3)) is None

    def test_recovery_codes_differ(self, totp: Totp) -> None:
        codes = {totp.new_recovery_code() for _ in range(100)}
        assert len(codes) == 100
        assert all(len(code) == 19 for code in codes)
