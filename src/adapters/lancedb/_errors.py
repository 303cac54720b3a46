"""What Lance's failures mean in the words of the port: it tells them apart by their text alone."""

import re

from application.ports.vector_index import VectorIndexDeclined, VectorIndexUnavailable
from domain.errors import DependencyUnavailable, StorageFull

# What Lance and Arrow raise, for everything.
ERRORS = (ValueError, RuntimeError, OSError)

_MAX_MESSAGE = 200
_FULL = ("no space left", "quota exceeded")
# Whole words: names of tables and files, which are in the text too, hold any digits.
_LIMITED = re.compile(r"\b429\b|too many requests|slow ?down")
_KEY_WRONG = re.compile(r"access ?denied|forbidden|\b40[13]\b|credential|signature")


class Gone(VectorIndexUnavailable):
    """A table, or a file of a version that was current when the call began, is there no more."""


class Preempted(VectorIndexUnavailable):
    """Another process wrote at the same time: the same again will do."""


def port_error(error: Exception) -> DependencyUnavailable:
    """Return an error of Lance as one of the port."""
    said = " ".join(str(error).split())
    words, said = said.lower(), said[:_MAX_MESSAGE]
    if any(sign in words for sign in _FULL):
        return StorageFull("There is no room left for LanceDB's files.")
    if "not found" in words:
        return Gone(f"LanceDB does not find it: {said}")
    if "conflict" in words or "already exists" in words:
        return Preempted(f"Others were writing: {said}")
    if _LIMITED.search(words):
        return VectorIndexDeclined(
            "The object store allows no more requests at the moment.",
            code="vector_index_rate_limited",
        )
    if _KEY_WRONG.search(words):
        return VectorIndexDeclined(f"The object store refuses the key: {said}", retry_after=60.0)
    return VectorIndexUnavailable(f"LanceDB: {said}")
