"""BM25: how well the terms of a passage fit the terms of a question.

Source: Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009; the idf that never
turns negative is the one of Lucene. The keyword index in SQL mirrors these two functions.
"""

from math import log

K1 = 1.2
B = 0.75


def idf(chunks: int, holding: int) -> float:
    """Return the weight of a term that stands in `holding` of `chunks` chunks; always positive."""
    return log(1 + (chunks - holding + 0.5) / (holding + 0.5))


def saturation(count: int, length: int, mean_length: float) -> float:
    """Return how much `count` occurrences in a chunk of `length` terms are worth: 0 to `K1 + 1`.

    `mean_length` is the mean number of terms of a chunk in the index. A chunk's score is the sum of
    idf times saturation over the distinct terms of the question.
    """
    if count == 0:
        return 0.0
    return count * (K1 + 1) / (count + K1 * (1 - B + B * length / mean_length))
