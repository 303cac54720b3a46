"""Contract of every Embedder."""

import asyncio
from math import sqrt

import pytest

from application.ports.embedder import Embedder, EmbedTask, Vector
from application.testing.contract import Contract

QUESTION = "How do I reset the password of my account?"
ANSWER = "To reset the password of your account, open the settings and choose a new password."
ELSEWHERE = "Bananas grow in bunches that hang from the top of the plant."


def cosine(left: Vector, right: Vector) -> float:
    """Return the cosine of two unit vectors."""
    return sum(a * b for a, b in zip(left, right, strict=True))


class EmbedderContract(Contract):
    """Subclass it in a test module and give the fixture `embedder`."""

    @pytest.fixture
    def embedder(self) -> Embedder:
        """Return the embedder under test, in working order."""
        raise NotImplementedError

    def test_the_space_names_the_dimensions(self, embedder: Embedder) -> None:
        assert embedder.space.endswith(f"/{embedder.dimensions}")
        assert embedder.batch_size >= 1

    @pytest.mark.parametrize("task", list(EmbedTask))
    async def test_each_text_gets_a_unit_vector(self, embedder: Embedder, task: EmbedTask) -> None:
        texts = [QUESTION, "x", "多言語の文章", "line\nbreaks\tand \0 controls 🙂", "word " * 3_000]
        vectors = await embedder.embed(texts, task)
        assert len(vectors) == len(texts)
        for vector in vectors:
            assert len(vector) == embedder.dimensions
            assert sqrt(sum(value * value for value in vector)) == pytest.approx(1, abs=1e-4)

    async def test_no_texts_give_no_vectors(self, embedder: Embedder) -> None:
        assert await embedder.embed([], EmbedTask.DOCUMENT) == []

    async def test_vectors_come_in_the_order_of_their_texts(self, embedder: Embedder) -> None:
        texts = [ANSWER * 3, "short", ELSEWHERE, QUESTION, "short", ANSWER]
        together = await embedder.embed(texts, EmbedTask.DOCUMENT)
        for text, vector in zip(texts, together, strict=True):
            [alone] = await embedder.embed([text], EmbedTask.DOCUMENT)
            assert cosine(alone, vector) > 0.98

    async def test_more_texts_than_a_batch_are_embedded(self, embedder: Embedder) -> None:
        texts = [f"text number {number}" for number in range(embedder.batch_size + 1)]
        assert len(await embedder.embed(texts, EmbedTask.DOCUMENT)) == len(texts)

    async def test_a_question_is_nearer_to_its_answer_than_to_another_text(
        self, embedder: Embedder
    ) -> None:
        [question] = await embedder.embed([QUESTION], EmbedTask.QUERY)
        answer, elsewhere = await embedder.embed([ANSWER, ELSEWHERE], EmbedTask.DOCUMENT)
        assert cosine(question, answer) > cosine(question, elsewhere)

    async def test_calls_at_the_same_time_do_not_mix(self, embedder: Embedder) -> None:
        texts = [QUESTION, ANSWER, ELSEWHERE]
        alone = [await embedder.embed([text], EmbedTask.QUERY) for text in texts]
        calls = (embedder.embed([text], EmbedTask.QUERY) for text in texts * 4)
        for number, [vector] in enumerate(await asyncio.gather(*calls)):
            assert cosine(vector, alone[number % len(texts)][0]) > 0.98

    async def test_a_cancelled_call_leaves_it_usable(self, embedder: Embedder) -> None:
        call = asyncio.create_task(embedder.embed([ANSWER] * 8, EmbedTask.DOCUMENT))
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert len(await embedder.embed([QUESTION], EmbedTask.QUERY)) == 1
