"""Terms with the Snowball stemmers."""

from application.ports.text_analyzer import TextAnalyzer
from domain.terms import Stem, Vocabulary, terms

_ALGORITHMS = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}


class SnowballTextAnalyzer(TextAnalyzer):
    """Stems the languages that Snowball knows; words of others keep their endings.

    Source: https://snowballstem.org.
    """

    def __init__(self) -> None:
        self._vocabularies: dict[str, Vocabulary] = {}

    def terms(self, text: str, language: str) -> list[str]:
        """Return the stems of the words of `text` in order."""
        return terms(text, self._vocabulary(language))

    def query_terms(self, text: str, languages: frozenset[str]) -> list[str]:
        """Return the distinct stems of the words of `text` in each of the languages."""
        algorithms = sorted({_ALGORITHMS.get(language, "") for language in languages or {""}})
        found: dict[str, None] = {}
        for algorithm in algorithms:
            found.update(dict.fromkeys(terms(text, self._of_algorithm(algorithm))))
        return list(found)

    def _vocabulary(self, language: str) -> Vocabulary:
        return self._of_algorithm(_ALGORITHMS.get(language, ""))

    def _of_algorithm(self, algorithm: str) -> Vocabulary:
        vocabulary = self._vocabularies.get(algorithm)
        if vocabulary is None:
            vocabulary = self._vocabularies.setdefault(algorithm, Vocabulary(_stemmer(algorithm)))
        return vocabulary


def _stemmer(algorithm: str) -> Stem:
    if not algorithm:
        return _unchanged
    import Stemmer  # a shared library that a process without keyword search spares

    if algorithm not in Stemmer.algorithms():
        return _unchanged
    stem: Stem = Stemmer.Stemmer(algorithm, 0).stemWord  # no cache of its own: we have one
    return stem


def _unchanged(word: str) -> str:
    return word
