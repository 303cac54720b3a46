"""Fusion: one ranking out of what the vectors and what the words say."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log, sqrt

CANDIDATES = 200
"""How many hits to ask of each part before fusing."""

VECTOR_WEIGHT = 1.1
"""Weight of a vector score beside a keyword score, where the embedder knows the language."""

FOREIGN_VECTOR_WEIGHT = 0.25
"""The same where it does not: its likenesses are then mostly those of shared letters and names."""

ScoredId = tuple[str, float]


@dataclass(frozen=True, slots=True)
class FusedHit:
    """A chunk with its score and the parts of it; None where a part did not return the chunk."""

    chunk_id: str
    score: float
    vector: float | None
    keyword: float | None
    rerank: float | None = None


def fuse(
    vector_hits: Sequence[ScoredId],
    keyword_hits: Sequence[ScoredId],
    *,
    vector_weight: float = VECTOR_WEIGHT,
    limit: int = CANDIDATES,
) -> list[FusedHit]:
    """Return all chunks of both lists, best first; equal scores in the order of their ids.

    The lists hold (chunk id, score), a larger score is better; up to `limit` hits were asked of
    each. The fused score is the sum of the standard scores in the two lists, the vector's times
    `vector_weight`. A chunk that a list lacks counts as that list's worst; but a keyword list
    shorter than `limit` is complete, and what it lacks holds no word of the question: 0.
    """
    vector, keyword = dict(vector_hits), dict(keyword_hits)
    ids = sorted(vector.keys() | keyword.keys())
    absent = min(keyword.values(), default=0.0) if len(keyword) >= limit else 0.0
    farthest = min(vector.values(), default=0.0)
    by_vector = standard_scores([vector.get(id_, farthest) for id_ in ids])
    by_keyword = standard_scores([keyword.get(id_, absent) for id_ in ids])
    hits = [
        FusedHit(id_, vector_weight * v + k, vector.get(id_), keyword.get(id_))
        for id_, v, k in zip(ids, by_vector, by_keyword, strict=True)
    ]
    return sorted(hits, key=lambda hit: -hit.score)


def reranked(hits: Sequence[FusedHit], judged: Mapping[str, float]) -> list[FusedHit]:
    """Return `hits`, best first, by the fusion and a second judgement (0 to 1 by chunk id) together.

    The judgement's log-odds are added to the fused score: two views of one question, of like scale
    (docs/adapters/rerankers.md has both, and what each does alone). Who was not judged comes last, in
    the order of the fusion.
    """
    if not judged:
        return list(hits)
    first = [
        replace(
            hit,
            score=hit.score + log_odds(judged[hit.chunk_id]),
            rerank=judged[hit.chunk_id],
        )
        for hit in hits
        if hit.chunk_id in judged
    ]
    first.sort(key=lambda hit: -hit.score)
    others = [hit for hit in hits if hit.chunk_id not in judged]
    if not first or not others:
        return first + others
    least = first[-1].score
    shift = min(0.0, least - others[0].score)  # scores go down from place to place
    return first + [replace(hit, score=min(hit.score + shift, least)) for hit in others]


def log_odds(share: float) -> float:
    """Return the natural logarithm of the odds; 0 and 1 count as one in a thousand off."""
    held = min(max(share, 0.001), 0.999)
    return log(held / (1 - held))


def vector_weight(languages: Iterable[str], known: frozenset[str] | None) -> float:
    """Return the weight of the vector scores in an index that holds documents in `languages`.

    `known` are the languages the embedder was trained for (ISO 639-1), None for all of them; a
    document of unknown language ("") is taken for a known one. Mixed indexes get the mean.
    """
    foreign = [known is not None and bool(code) and code not in known for code in languages]
    share = sum(foreign) / len(foreign) if foreign else 0.0
    return share * FOREIGN_VECTOR_WEIGHT + (1 - share) * VECTOR_WEIGHT


def standard_scores(scores: Sequence[float]) -> list[float]:
    """Return how many standard deviations each score lies above the mean; 0 where all are equal."""
    if not scores:
        return []
    mean = sum(scores) / len(scores)
    deviation = sqrt(sum((score - mean) ** 2 for score in scores) / len(scores))
    if deviation <= 1e-9 * max(1.0, abs(mean)):
        return [0.0] * len(scores)
    return [(score - mean) / deviation for score in scores]
