"""What to search for when a question leans on the questions before it."""

import re
from collections.abc import Sequence

from domain.terms import UNSPACED

MAX_QUERY_CHARS = 1_000
_MAX_EARLIER = 2
_SHORT = 3  # words; so little can hardly stand alone
_LONG = 10  # words; a question of more holds what its pronouns stand for
_SHORT_UNSPACED = 8  # characters

_WORD = re.compile(r"\w+")
_UNSPACED_CHARS = re.compile(f"[{UNSPACED}]")

# Words that point back: pronouns, demonstratives, "and", "also", "else", "more".
_POINTING = frozenset(
    """
    it its they them their theirs he him his she her hers this that these those above former latter
    same such else another
    er ihn ihm sie ihr ihre ihnen es dies diese dieser dieses diesem diesen davon dazu
    damit dabei daran dort deren dessen jene jener
    él ella ellos ellas eso esa ese esto esta este estos estas esos esas su sus ahí allí lo
    il elle ils elles lui leur leurs ceci cela ça celui celle ceux celles cette ces cet son sa ses y
    esso essa essi esse lui lei loro questo questa questi queste quello quella quelli
    ele ela eles elas isso isto esse este essa aquilo dele dela deles delas
    он она оно они его ему её ее ей их им этот эта это эти этого этой этих там тогда такой
    هو هي هم هذا هذه ذلك تلك هؤلاء
    यह वह ये वे इस उस इसका उसका इसके उसके इसकी उसकी इन उन
    הוא היא הם הן זה זאת אלה אלו
    """.split()
)
_OPENING = frozenset(
    "and but or so also und aber oder auch y e o pero et mais ou а и но или و और".split()
)
_POINTING_UNSPACED = re.compile(
    "[它他她]|这个|那个|这些|那些|這個|那個|其中|それ|これ|あれ|その|この|彼"
)


def retrieval_query(question: str, history: Sequence[tuple[str, str]]) -> str:
    """Return the text to search for: the question, after the earlier ones if it leans on them.

    `history` holds the turns before the question as (role, text), oldest first; only those of the
    role "user" count. At most two earlier questions are taken: as many as it needs to reach one
    that stands alone. The result is at most `MAX_QUERY_CHARS` long; the question itself comes last.
    """
    taken = [question]
    for text in reversed([text for role, text in history if role == "user"]):
        if len(taken) > _MAX_EARLIER or not leans_on_history(taken[0]):
            break
        taken.insert(0, text)
    question = question[:MAX_QUERY_CHARS]
    room = MAX_QUERY_CHARS - len(question) - 1
    earlier = "\n".join(taken[:-1])
    return f"{earlier[-room:]}\n{question}".strip() if earlier and room > 0 else question.strip()


def leans_on_history(question: str) -> bool:
    """Tell whether a question is hard to understand without what was said before it."""
    words = _WORD.findall(question)
    folded = [word.casefold() for word in words]
    if not folded:
        return True
    unspaced = len(_UNSPACED_CHARS.findall(question))
    if 2 * unspaced > sum(map(len, words)):
        return unspaced <= _SHORT_UNSPACED or bool(_POINTING_UNSPACED.search(question))
    if folded[0] in _OPENING:
        return True
    if len(words) <= _LONG and not _POINTING.isdisjoint(folded):
        return True
    return len(words) <= _SHORT and not any(map(_is_name, words[1:]))


def _is_name(word: str) -> bool:
    return word[0].isupper() or any(sign.isdigit() for sign in word)
