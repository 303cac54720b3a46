"""Which passwords are good enough: by length and blocklist only (NIST SP 800-63B-4, section 3.1.1.2)."""

import re
import unicodedata
from collections.abc import Iterator

from domain.errors import InvalidInput

PASSWORD_MIN = 15  # where the password is the only factor; with a second one too, for simplicity
PASSWORD_MAX = 128
_DISTINCT_MIN = 4  # characters
_PERIOD_MAX = 6  # of what is only repeated
_RUN_SHARE = 0.75  # of a password that may be runs of neighbours (abcd, 4321, qwerty)
_RUN_MIN = 4
_LEFT_MIN = 4  # letters that must be left when what everybody guesses is taken out
_NAME_MIN = 4  # letters
_DECORATION = " 0123456789!?.,;:*+-_#$&/()"

# Neighbours on keyboards, in the alphabet and among digits; read backwards too.
_WALKS = (
    "abcdefghijklmnopqrstuvwxyz", "01234567890", "`1234567890-=", "~!@#$%^&*()_+",
    "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "qwertzuiopü+", "azertyuiop", "qsdfghjklm", "yxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0",
    "qazwsxedcrfvtgbyhnujmikolp", "!qaz@wsx#edc$rfv", "1a2b3c4d5e6f7g8h9i0j", "a1b2c3d4e5f6g7h8i9j0",
)  # fmt: skip
# What long passwords are made of when people must have long ones; from public lists of leaked ones.
_WORDS = (
    "chatsphere", "password", "passwort", "passphrase", "contraseña", "motdepasse", "geheim",
    "secret", "letmein", "welcome", "willkommen", "bienvenue", "changeme", "default",
    "administrator", "admin", "root", "login", "master", "iloveyou", "ilovegod", "mylove", "monkey",
    "dragon", "football", "baseball", "superman", "batman", "sunshine", "princess", "starwars",
    "pokemon", "whatever", "trustno", "computer", "internet", "michael", "jordan", "liverpool",
    "chelsea", "arsenal", "barcelona", "qwerty", "azerty", "test", "guest", "user", "temp", "demo",
    "example", "summer", "winter", "spring", "autumn", "monday", "friday", "january", "december",
)  # fmt: skip
_PHRASES = frozenset(
    {
        "correcthorsebatterystaple", "thequickbrownfox", "thequickbrownfoxjumpsoverthelazydog",
        "tobeornottobe", "tobeornottobethatisthequestion", "maytheforcebewithyou",
        "opensesameopensesame", "onceuponatime", "onceuponatimeinamerica", "hakunamatataforever",
        "supercalifragilisticexpialidocious", "antidisestablishmentarianism",
        "llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch", "jesuslovesyouverymuch",
        "godisgoodallthetime", "iloveyousomuch", "iloveyouforever", "iloveyoubaby",
        "iloveyoumorethananything", "neverevergiveup", "nevergiveup", "livelaughlove",
        "carpediemcarpediem", "thisismypassword", "thisisapassword", "thisisasecret",
        "thisismysecretpassword", "mypasswordismypassword", "mypasswordissecret", "ihatepasswords",
        "idontknow", "idontrememberit", "iforgotmypassword", "nopassword", "enteryourpassword",
        "yourpasswordhere", "fuckyoufuckyou", "alongpassword", "averylongpassword",
        "areallylongpassword", "myverylongpassword", "areallylongpassphrase", "fifteencharacters",
        "fifteencharacterslong", "atleastfifteencharacters", "ilovemyfamily", "ilovemymom",
        "ilovemykids",
    }
)  # fmt: skip
_LEET = str.maketrans("@4301!$57", "aaeoiisst")


def check_password(password: str, *known: str, pointer: str = "/password") -> None:
    """Accept a password by its length and by how soon it would be guessed. Raises InvalidInput.

    `known` is what everybody knows of the account: its address and name. Letters count in their
    compatible form (NFKC), as they are hashed; any character will do.
    """
    plain = unicodedata.normalize("NFKC", password)
    if not (PASSWORD_MIN <= len(plain) <= PASSWORD_MAX and len(password) <= PASSWORD_MAX):
        raise InvalidInput(
            f"A password has {PASSWORD_MIN} to {PASSWORD_MAX} characters; any characters will do.",
            pointer=pointer,
        )
    folded = plain.casefold()
    if len(set(folded)) < _DISTINCT_MIN or _repeats(folded) or _is_walk(folded):
        raise InvalidInput("This password is a simple pattern: too easy to guess.", pointer=pointer)
    if _is_common(folded, known):
        raise InvalidInput(
            "This password is made of what everybody tries first, or of your name or address.",
            pointer=pointer,
        )


def _repeats(text: str) -> bool:
    """Tell whether the text is a short piece over and over (`abcabcabc…`)."""
    return any(text[n:] == text[:-n] for n in range(1, _PERIOD_MAX + 1))


def _is_walk(text: str) -> bool:
    """Tell whether most of the text is runs of neighbours."""
    inside = set[int]()
    for start in range(len(text) - _RUN_MIN + 1):
        if any(text[start : start + _RUN_MIN] in walk for walk in _BOTH_WAYS):
            inside.update(range(start, start + _RUN_MIN))
    return len(inside) > _RUN_SHARE * len(text)


_BOTH_WAYS = tuple(walk[::step] for walk in _WALKS for step in (1, -1))


def _is_common(folded: str, known: tuple[str, ...]) -> bool:
    """Tell whether too little is left without common words, names, and decoration."""
    words = sorted({*_WORDS, *(n for text in known for n in _names(text))}, key=len, reverse=True)
    for text in (folded, folded.translate(_LEET)):
        if text.strip(_DECORATION) in _PHRASES:
            return True
        left = text
        for word in words:
            left = left.replace(word, "\x00")
        if "\x00" in left and sum(map(str.isalpha, left)) < _LEFT_MIN:
            return True
    return False


def _names(text: str) -> Iterator[str]:
    """Yield an address or name as a whole, and its parts, where they are long enough to tell."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    for name in (folded, "".join(filter(str.isalnum, folded)), *re.split(r"[\W_]+", folded)):
        if len(name) >= _NAME_MIN:
            yield name
