"""The extractive model quotes what fits and says so where nothing does."""

import re

import pytest

from adapters.extractive.chat_model import ExtractiveChatModel
from adapters.memory.embedder import InMemoryEmbedder
from adapters.memory.text_analyzer import InMemoryTextAnalyzer
from application.ports.chat_model import ChatModel, ChatRequest, Delta, Finish, FinishReason
from application.testing.chat_model import ChatModelContract, chat_request
from domain.chunks import Passage


@pytest.fixture
def embedder() -> InMemoryEmbedder:
    return InMemoryEmbedder(256)


@pytest.fixture
def model(embedder: InMemoryEmbedder) -> ExtractiveChatModel:
    return ExtractiveChatModel(embedder, InMemoryTextAnalyzer())


class TestExtractiveChatModel(ChatModelContract):
    @pytest.fixture
    def chat_model(self, model: ExtractiveChatModel) -> ChatModel:
        return model


def passage(text: str, number: int = 1, language: str = "en") -> Passage:
    name = f"{number}"
    return Passage(name, name, f"Title {name}", 1, text, 0, len(text), language=language)


def asking(question: str, *texts: str, language: str = "en") -> ChatRequest:
    passages = [passage(text, number, language) for number, text in enumerate(texts, 1)]
    return ChatRequest("extractive", (), question, passages)


async def answer(model: ChatModel, request: ChatRequest) -> str:
    items = [item async for item in model.stream(request)]
    assert isinstance(items[-1], Finish)
    assert items[-1].reason is FinishReason.STOP
    return "".join(item.text for item in items if isinstance(item, Delta))


async def test_the_answer_is_word_for_word_in_the_passage_that_its_marker_names(
    model: ExtractiveChatModel,
) -> None:
    texts = (
        "The printer stands on the second floor. Toner is kept in the cupboard below it.",
        "Expense reports are due on the fifth of each month. Send them to accounting.",
    )
    text = await answer(model, asking("When are expense reports due?", *texts))
    quotes = re.findall(r"(.+?) \[(\d)\]\s*", text)
    assert ("Expense reports are due on the fifth of each month.", "2") in quotes
    for quote, number in quotes:
        assert quote in texts[int(number) - 1]


async def test_the_answer_comes_in_several_pieces(model: ExtractiveChatModel) -> None:
    request = chat_request("When does the office open, at nine in the morning?")
    items = [item async for item in model.stream(request)]
    assert len(items) > 3
    assert any(isinstance(item, Delta) and item.text.strip() == "[1]" for item in items)


@pytest.mark.parametrize(
    ("question", "beginning"),
    [
        ("What is the melting point of tungsten?", "I found nothing"),
        ("Wie hoch ist der Schmelzpunkt von Wolfram?", "In den Dokumenten"),
        ("Quel est le point de fusion du tungstène ?", "Je n'ai rien"),
        ("¿Cuál es el punto de fusión del wolframio?", "No he encontrado"),
        ("Какова температура плавления вольфрама?", "В документах"),
        ("钨的熔点是多少？", "文档中"),
        ("タングステンの融点は？", "文書の中に"),
        ("Mikä lämpötila sulattaa volframin?", "I found nothing"),
        ("", "I found nothing"),
    ],
)
async def test_it_says_plainly_in_the_question_s_language_that_nothing_fits(
    model: ExtractiveChatModel, question: str, beginning: str
) -> None:
    text = await answer(model, asking(question))
    assert text.startswith(beginning)
    assert "[" not in text


async def test_without_the_embedder_words_decide(
    model: ExtractiveChatModel, embedder: InMemoryEmbedder
) -> None:
    embedder.is_available = False
    text = await answer(model, chat_request("When does the office open in the morning?"))
    assert "The office opens at nine in the morning. [1]" in text


async def test_a_language_that_the_embedder_does_not_know_is_left_to_words(
    embedder: InMemoryEmbedder,
) -> None:
    model = ExtractiveChatModel(
        embedder, InMemoryTextAnalyzer(), embedder_languages=frozenset({"en"})
    )
    text = "Das Büro öffnet morgens um neun Uhr. Es schließt abends um sechs Uhr."
    await answer(model, asking("Wann öffnet das Büro?", text, language="de"))
    assert embedder.embedded == []
    await answer(model, chat_request())
    assert embedder.embedded


async def test_a_long_passage_costs_few_embeddings(
    model: ExtractiveChatModel, embedder: InMemoryEmbedder
) -> None:
    text = " ".join(f"Sentence number {n} speaks of the office at length." for n in range(500))
    text += " The canteen serves lunch at noon."
    found = await answer(model, asking("When does the canteen serve lunch?", text))
    assert "The canteen serves lunch at noon. [1]" in found
    assert len(embedder.embedded) <= 13


async def test_a_script_without_spaces_is_streamed_in_pieces_too(
    model: ExtractiveChatModel,
) -> None:
    text = "駅から徒歩五分です。会社の営業時間は午前九時から午後六時までで、土日と祝日は休みです。"
    request = asking("会社の営業時間は午前何時から午後何時まで?", text, language="ja")
    items = [item async for item in model.stream(request)]
    assert len(items) > 3
    assert "会社の営業時間は午前九時から" in await answer(model, request)
