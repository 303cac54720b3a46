"""Which language a text is in."""

import pytest

from adapters.parsers._language import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The cat sat on the mat and it was happy with the food that we gave it.", "en"),
        ("Die Katze sitzt auf der Matte und ist mit dem Futter nicht zufrieden.", "de"),
        ("Le chat est sur la table et il ne veut pas en descendre pour les enfants.", "fr"),
        ("El gato está en la mesa y no quiere bajar por los niños de la casa.", "es"),
        ("Кошка сидит на столе и не хочет уходить, потому что это её стол.", "ru"),
        ("قطة تجلس على الطاولة ولا تريد أن تنزل من هذا المكان في البيت", "ar"),
        ("बिल्ली मेज पर बैठी है और वह नीचे नहीं आना चाहती है क्योंकि यह उस की जगह है", "hi"),
        ("猫坐在桌子上，不想下来，因为那是它的地方。我们都很喜欢它。", "zh"),
        ("猫はテーブルの上に座っていて、降りたくありません。", "ja"),
        ("고양이는 테이블 위에 앉아 있고 내려오고 싶어하지 않습니다.", "ko"),
        ("החתול יושב על השולחן ולא רוצה לרדת ממנו", "he"),
        ("12 | 34 | 56 | 78 | x | y", ""),
        ("for (i = 0; i < n; i++) { sum += values[i]; }", ""),
        ("", ""),
    ],
)
def test_the_language_is_told_or_left_open(text: str, language: str) -> None:
    assert language_of(text) == language
