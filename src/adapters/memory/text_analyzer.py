"""Terms without stemming: for tests and for languages nobody has a stemmer for."""

from application.ports.text_analyzer import TextAnalyzer
from domain.terms import Vocabulary, terms


class InMemoryTextAnalyzer(TextAnalyzer):
    """Folds case and accents and cuts unspaced scripts into pairs; words keep their endings."""

    def __init__(self) -> None:
        self._vocabulary = Vocabulary(lambda word: word)

    def terms(self, text: str, language: str) -> list[str]:  # noqa: ARG002 - one form for all
        """Return the folded words of `text` in order."""
        return terms(text, self._vocabulary)

    def query_terms(self, text: str, languages: frozenset[str]) -> list[str]:  # noqa: ARG002
        """Return the distinct folded words of `text`."""
        return list(dict.fromkeys(terms(text, self._vocabulary)))
