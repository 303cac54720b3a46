"""Port: the words of a text as keyword search compares them."""

from abc import ABC, abstractmethod


class TextAnalyzer(ABC):
    """Folds case and accents, stems where the language is known, cuts unspaced scripts into bigrams."""

    @abstractmethod
    def terms(self, text: str, language: str) -> list[str]:
        """Return the terms of `text` in order; `language` is ISO 639-1, "" for unknown.

        The same word gives the same term in a document and in a question of that language.
        """

    @abstractmethod
    def query_terms(self, text: str, languages: frozenset[str]) -> list[str]:
        """Return the distinct terms a question asks for in an index that holds these languages."""
