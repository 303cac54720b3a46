"""What every secret box promises."""

import pytest

from application.ports.secret_box import EncryptionKeyMissing, SecretBox, SecretUnreadable
from application.testing.contract import Contract

CONTEXT = "provider_credentials:ws_one:openai"
PLAIN = "sk-a key that nobody may read é 字"


class SecretBoxContract(Contract):
    """A subclass gives the fixtures `box`, `rotated` (has a newer key and the box's own) and
    `stranger` (has another key alone)."""

    def test_a_sealed_text_opens_as_it_was(self, box: SecretBox) -> None:
        for plain in (PLAIN, "", "x" * 10_000):
            assert box.open(box.seal(plain, CONTEXT), CONTEXT) == plain

    def test_a_sealed_text_is_ascii_without_the_plaintext_and_never_the_same(
        self, box: SecretBox
    ) -> None:
        one, other = box.seal(PLAIN, CONTEXT), box.seal(PLAIN, CONTEXT)
        assert one != other
        assert one.isascii()
        assert "sk-" not in one

    @pytest.mark.parametrize("other", ["", CONTEXT + " ", "provider_credentials:ws_two:openai"])
    def test_in_another_place_it_does_not_open(self, box: SecretBox, other: str) -> None:
        with pytest.raises(SecretUnreadable):
            box.open(box.seal(PLAIN, CONTEXT), other)

    def test_changed_anywhere_it_does_not_open(self, box: SecretBox) -> None:
        sealed = box.seal(PLAIN, CONTEXT)
        for place, old in enumerate(sealed):
            changed = sealed[:place] + ("A" if old != "A" else "B") + sealed[place + 1 :]
            with pytest.raises(SecretUnreadable):
                box.open(changed, CONTEXT)

    @pytest.mark.parametrize("text", ["", "x", "v1...", "v1.é.字.😀", "a.b.c.d", "\x00", PLAIN])
    def test_what_nothing_has_sealed_is_unreadable(self, box: SecretBox, text: str) -> None:
        with pytest.raises(SecretUnreadable):
            box.open(text, CONTEXT)
        with pytest.raises(SecretUnreadable):
            box.key_id_of(text)

    def test_the_key_id_stands_in_the_sealed_text(self, box: SecretBox) -> None:
        assert box.key_id_of(box.seal(PLAIN, CONTEXT)) == box.current_key_id

    def test_an_older_key_opens_and_the_newer_one_seals(
        self, box: SecretBox, rotated: SecretBox
    ) -> None:
        old = box.seal(PLAIN, CONTEXT)
        assert rotated.open(old, CONTEXT) == PLAIN
        new = rotated.seal(PLAIN, CONTEXT)
        assert rotated.key_ids == [rotated.current_key_id, box.current_key_id]
        assert rotated.key_id_of(old) == box.current_key_id != rotated.key_id_of(new)
        with pytest.raises(EncryptionKeyMissing):
            box.open(new, CONTEXT)

    def test_without_its_key_a_text_is_unreadable(
        self, box: SecretBox, stranger: SecretBox
    ) -> None:
        with pytest.raises(EncryptionKeyMissing):
            stranger.open(box.seal(PLAIN, CONTEXT), CONTEXT)
