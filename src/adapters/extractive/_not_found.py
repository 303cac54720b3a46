"""How to say, in the language of a question, that nothing was found."""

import re

_NOTHING_FOUND = {
    "en": "I found nothing in the documents that answers this question.",
    "de": "In den Dokumenten habe ich nichts gefunden, was diese Frage beantwortet.",
    "fr": "Je n'ai rien trouvé dans les documents qui réponde à cette question.",
    "es": "No he encontrado nada en los documentos que responda a esta pregunta.",
    "it": "Nei documenti non ho trovato nulla che risponda a questa domanda.",
    "pt": "Não encontrei nada nos documentos que responda a esta pergunta.",
    "nl": "Ik heb in de documenten niets gevonden dat deze vraag beantwoordt.",
    "ru": "В документах не нашлось ничего, что отвечало бы на этот вопрос.",
    "ar": "لم أجد في المستندات ما يجيب عن هذا السؤال.",
    "hi": "दस्तावेज़ों में मुझे इस प्रश्न का उत्तर नहीं मिला।",
    "ja": "文書の中に、この質問に答える内容は見つかりませんでした。",
    "ko": "문서에서 이 질문에 답하는 내용을 찾지 못했습니다.",
    "zh": "文档中没有找到能回答这个问题的内容。",
}

_SCRIPTS = (  # kana before Han: Japanese has both
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
)

_WORDS = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the is are was what when where who why how which does do did of to in can my i",
        "de": "der die das ist sind war was wann wo wer warum wie welche wird von zu im kann ich",
        "fr": "le la les est sont quel quelle quand où qui pourquoi comment que de du des je une",
        "es": "el la los las es son qué cuál cuándo dónde quién cómo por de del en un puedo mi",
        "it": "il la gli è sono che quale quando dove chi perché come di del della un posso mi",
        "pt": "o a os as é são qual quando onde quem porquê como que de do da em um posso não",
        "nl": "de het een is zijn was wat wanneer waar wie waarom hoe welke van naar in kan ik",
    }.items()
}
_WORD = re.compile(r"\w+")


def nothing_found(question: str) -> str:
    """Return the sentence in the question's language where it is a common one, else in English."""
    return _NOTHING_FOUND[_language(question)]


def _language(question: str) -> str:
    for language, script in _SCRIPTS:
        if script.search(question):
            return language
    words = _WORD.findall(question.casefold())
    counts = {name: sum(word in known for word in words) for name, known in _WORDS.items()}
    return max(counts, key=lambda name: (counts[name], name == "en"))
