"""Which passwords are good enough."""

from unicodedata import normalize

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.passwords import PASSWORD_MAX, PASSWORD_MIN, check_password

EMAIL, NAME = "ada.lovelace@engines.example.org", "Ada King-Noel"


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "a long enough passphrase",
        "My-Str0ng-Passphrase-42!",
        "zwölf Boxkämpfer jagen Viktor",
        "密碼不是這樣的只是一段很長的話",
        "пятнадцать букв вместе",
        "🦀🐙🦑🐡🐠🐟🐬🐳🐋🦈🐊🐅🐆🦓🦍",
        "kT9#vQ2$mL5@xR8!",
        "  spaces   count  too  ",
        "password of my grandmother's cat",
        "f3b0c44298fc1c149afbf4c8996fb924",  # pragma: allowlist secret
    ],
)
def test_long_and_unexpected_passwords_are_good(password: str) -> None:
    check_password(password, EMAIL, NAME)


@pytest.mark.parametrize(
    "password",
    [
        # too short, too long
        "", "x", "fourteen chars", "a1B!" * 33, "y" * 129,
        # patterns: repeated, walked on the keyboard, counted
        "y" * PASSWORD_MIN, "ab" * 20, "abcabcabcabcabcabc", "Passw0Passw0Passw0", "123456789012345",
        "1234567890123456", "0987654321098765", "qwertyuiopasdfgh", "QWERTYUIOPasdfghjkl", "qwertzuiopasdfg",
        "1qaz2wsx3edc4rfv", "1q2w3e4r5t6y7u8i", "abcdefghijklmnop", "zyxwvutsrqponmlk", "asdfghjklzxcvbnm",
        "qwertyuiop12345", "!@#$%^&*()_+!@#$",
        # what everybody tries first, decorated
        "passwordpassword", "PasswordPassword", "password1234567", "P@ssw0rdP@ssw0rd!!", "Password-2024-1!",
        "letmeinletmeinletmein", "adminadminadmin", "iloveyouiloveyou", "correcthorsebatterystaple",
        "thisismypassword", "ThisIsMyPassword123!", "chatspherechatsphere", "ChatSphere123456789",
        "ChatSphere-Admin!", "welcome-welcome-1", "!!!!password!!!!", "Secret-Secret-2026",
        # the account's own
        "ada.lovelace@engines.example.org", "Ada.Lovelace@Engines.Example.ORG", "adalovelace1815!",
        "Lovelace-Lovelace-1", "ada king-noel 1815", "Ada.Lovelace.Password1", "enginesENGINES123",
    ],
)  # fmt: skip
def test_a_password_that_is_short_long_or_guessed_first_is_refused(password: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_password(password, EMAIL, NAME, pointer="/new_password")
    assert caught.value.pointer == "/new_password"
    assert not password or password not in caught.value.detail


# With signs that stand in no common password.
@given(st.text(min_size=PASSWORD_MIN, max_size=PASSWORD_MAX - 8).map(lambda text: f"字💡é{text}Жß"))
def test_any_characters_make_a_password(password: str) -> None:
    assume(PASSWORD_MIN <= len(normalize("NFKC", password)) <= PASSWORD_MAX)  # forms may be longer
    check_password(password, "a@b.org", "A")


def test_length_is_counted_in_compatible_forms() -> None:
    """What is hashed is NFKC: fifteen that become fewer are not fifteen."""
    decomposed = "e\u0301" * 7 + "x"  # 15 code points, 8 letters
    with pytest.raises(InvalidInput):
        check_password(decomposed)
    check_password("ﬁnd the lost ﬂag")
    with pytest.raises(InvalidInput):
        check_password(
            "ＰａｓｓｗｏｒｄＰａｓｓｗｏｒｄ"
        )  # full-width letters are the same letters


def test_the_limits_are_fifteen_and_a_hundred_and_twenty_eight() -> None:
    letters = "fjord zq gym vex whisk bunt clip "
    check_password(letters[:15])
    check_password((letters * 4)[:PASSWORD_MAX])
    for wrong in (letters[:14], (letters * 5)[: PASSWORD_MAX + 1]):
        with pytest.raises(InvalidInput):
            check_password(wrong)


def test_a_short_name_forbids_nothing() -> None:
    check_password("a rather long phrase of mine", "a@b.co", "Al")
