"""Short pieces of a text, around the word that was looked for."""

from domain.excerpts import EXCERPT_LENGTH, excerpt

LONG = "alpha " * 50 + "the HARBOUR opens at seven " + "omega " * 50


def test_a_short_text_is_shown_whole_on_one_line() -> None:
    assert excerpt("When does\n\n the harbour  open?", ["harbour"]) == "When does the harbour open?"
    assert excerpt("", ["harbour"]) == ""


def test_a_long_text_is_cut_at_spaces_around_the_word() -> None:
    piece = excerpt(LONG, ["harbour"])
    assert piece.startswith("…alpha alpha ")
    assert "the HARBOUR opens at seven omega" in piece
    assert piece.endswith(" omega…")
    assert len(piece) <= EXCERPT_LENGTH + 2


def test_a_text_without_the_word_is_shown_from_its_beginning() -> None:
    piece = excerpt(LONG, ["refund"])
    assert piece.startswith("alpha alpha")
    assert piece.endswith("alpha…")
    assert piece == excerpt(LONG, [])


def test_a_text_without_spaces_is_cut_all_the_same() -> None:
    text = "字" * 500 + "港" + "字" * 500
    piece = excerpt(text, ["港"])
    assert "港" in piece
    assert len(piece) == EXCERPT_LENGTH + 2


def test_words_are_taken_as_they_are_written() -> None:
    assert "50 % (net)" in excerpt(f"{LONG} 50 % (net)", ["(net)"])
