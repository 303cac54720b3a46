"""Readers, one by one and in this process: text, map and title of documents of each format."""

import json

import pytest

from adapters.parsers import _readers
from adapters.parsers._draft import Draft
from adapters.parsers._refusal import Refusal
from data.documents.made import (
    FOLDER,
    PICTURE,
    archive,
    docx,
    epub,
    footnotes,
    lines,
    notebook,
    paragraph,
    pdf,
    pptx,
    xlsx,
)


def read(data: bytes, name: str = "", media_type: str = "") -> Draft:
    draft = Draft(1_000_000)
    _readers.read(data, draft, name, media_type)
    return draft


def sample(name: str) -> Draft:
    return read((FOLDER / name).read_bytes(), name)


def refusal(data: bytes, name: str = "") -> str:
    with pytest.raises(Refusal) as raised:
        read(data, name)
    assert raised.value.detail.endswith(".")
    return raised.value.code


def outline(draft: Draft) -> list[tuple[int | None, tuple[str, ...], str]]:
    """Return (page, headings, first line) of each section."""
    text = draft.text
    return [
        (mark.page, mark.path, text[mark.start :].split("\n", 1)[0].strip()) for mark in draft.marks
    ]


def test_plain_text_is_unchanged_but_for_nfc_line_feeds_and_control_characters() -> None:
    assert read("Cafe\u0301\r\n  two\x1b\rthree ".encode()).text == "Café\n  two\nthree "


def test_markdown_is_kept_and_its_headings_are_the_map() -> None:
    source = "---\ntitle: Guide\n---\nIntro\n\n# A *b* #\n\n```\n# no heading\n```\n\nC\n---\nend\n"
    draft = read(source.encode(), "a.md")
    assert draft.text == source
    assert draft.title == "Guide"
    assert outline(draft) == [
        (None, (), "---"),
        (None, ("A b",), "# A *b* #"),
        (None, ("A b", "C"), "C"),
    ]


def test_a_notebook_gives_cells_and_printed_output() -> None:
    cells = [("markdown", "# Sums", ""), ("code", "# no heading\nprint(42)", "42\n")]
    draft = read(notebook(*cells), "a.ipynb")
    assert draft.text == "# Sums\n\n```python\n# no heading\nprint(42)\n```\n\n```\n42\n```\n"
    assert outline(draft) == [(None, ("Sums",), "# Sums")]


def test_json_becomes_a_line_for_each_value_with_numbers_as_written() -> None:
    records = '[{"name": "Ada", "tags": ["x", "y"], "n": 1.50}, {"in": [{"a": null, "b": true}]}]'
    assert read(records.encode()).text == "name: Ada\ntags: x, y\nn: 1.50\n\nin[0].b: true"


def test_json_lines_are_records_and_broken_json_is_text() -> None:
    assert read(b'{"a": 1}\n{"a": 2}\n', "x.jsonl").text == "a: 1\n\na: 2"
    assert read(b'{"a": 1,,', "x.json").text == '{"a": 1,,'


def test_deeply_nested_json_does_no_harm() -> None:
    assert read(b"[" * 100_000, "x.json").text == "[" * 100_000
    assert read(json.dumps({"a": {"b": {"c": 1}}}).encode()).text == "a.b.c: 1"


def test_rows_of_a_csv_say_what_their_values_are() -> None:
    first = sample("csv_semicolon.csv").text.split("\n")[0]
    assert first.startswith("Index: 1 | Customer Id: DD37Cf93aecA6Dc | First Name: Sheryl")
    assert sample("csv_shift_jis.csv").text.startswith("名前: 佐藤太郎 | 年齢: 30 | 住所: 東京\n")


def test_rows_without_a_header_are_given_as_they_are() -> None:
    assert read(b"1,2\n3,4\n", "a.csv").text == "1 | 2\n3 | 4"


def test_a_workbook_has_a_page_for_each_sheet() -> None:
    draft = read(xlsx([["Item", "Price"], ["Tea", 2.0], ["Cake", 3.25]]))
    assert draft.text == "Prices\n\nItem: Tea | Price: 2\nItem: Cake | Price: 3.25"
    assert outline(draft) == [(1, ("Prices",), "Prices")]


def test_word_headings_follow_the_styles_and_what_they_are_based_on() -> None:
    body = (
        paragraph("Contents 1", "Contents")
        + paragraph("One", "H1")
        + paragraph("text")
        + paragraph("Deep", "Mine")
        + paragraph("more")
        + paragraph("Two", "H1")
    )
    draft = read(docx(body, footnotes=footnotes("A note")))
    assert draft.text == "One\n\ntext\n\nDeep\n\nmore\n\nTwo\n\n[2] A note"
    assert [path for _, path, _ in outline(draft)] == [("One",), ("One", "Deep"), ("Two",), ()]


def test_word_tables_are_rows_of_cells() -> None:
    text = sample("docx_tables.docx").text
    assert "Header 0.0 | Header 0.1 | Header 0.2\nCell 1.0 | Cell 1.1 | Cell 1.2\n" in text


def test_word_lists_are_items() -> None:
    text = sample("docx_numbered_headings.docx").text
    assert "\n\n- Appendix A: Glossary\n- Section A.1\n" in text


def test_slides_are_pages_in_the_order_they_are_shown_under_their_titles() -> None:
    draft = read(pptx([("First", "one"), ("Second", "two")]))
    assert draft.text == "First\n\none\n\nSecond\n\ntwo"
    assert outline(draft) == [(1, ("First",), "First"), (2, ("Second",), "Second")]
    assert "Column 1 | Column 2 | Column 3\nRed | Green | Blue" in sample("pptx_table.pptx").text


def test_an_odt_gives_paragraphs_and_tables() -> None:
    text = sample("odt_simple.odt").text
    assert text.startswith("Lorem ipsum dolor sit amet.\n\nHeader row | Mon | Wed | Fri\nColor |")


def test_a_book_is_read_in_the_order_of_its_spine() -> None:
    chapters = [f"<html><body><h1>{n}. part</h1><p>Text {n}</p></body></html>" for n in (1, 2)]
    draft = read(epub(chapters))
    assert draft.text == "1. part\n\nText 1\n\n2. part\n\nText 2"
    assert draft.title == "A Book of Tests"
    assert [path for _, path, _ in outline(draft)] == [("1. part",), ("2. part",)]


def test_a_page_without_navigation_is_read_whole() -> None:
    page = (
        b"<title>My page</title><h1>Top</h1><p>a <b>bold</b>\n word<br>next</p>"
        b"<ul><li>x</li><li><p>y</p></li></ul><table><tr><th>k</th><td>v</td></tr></table>"
        b"<pre>  keep\n this</pre><script>no()</script>"
    )
    draft = read(page, "a.html")
    shown = "Top\n\na bold word\nnext\n\n- x\n- y\n\nk | v\n\n  keep\n this"
    assert draft.text.replace("\n\nkeep", "\n\n  keep") == shown
    assert draft.title == "My page"


def test_the_charset_of_a_page_is_found_without_a_declaration() -> None:
    text = sample("html_cp1252.html").text
    assert "Die schöne Frau" in text
    assert "L'été était très chaud" in text
    assert "15,50 €" in text


def test_a_declared_charset_is_believed() -> None:
    page = '<meta charset="windows-1251"><p>Привет</p>'.encode("cp1251")
    assert read(page, "a.html").text == "Привет"


def test_a_message_has_its_fields_body_and_attachments() -> None:
    message = (
        b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= from here\nFrom: a@example.org\nMIME-Version: 1.0\n"
        b'Content-Type: multipart/mixed; boundary="x"\n\n--x\nContent-Type: text/plain\n\nHello\n'
        b"--x\nContent-Type: text/markdown\nContent-Disposition: attachment; filename=n.md\n\n"
        b"# Head\n\nnote\n--x\nContent-Type: image/png\n"
        b"Content-Transfer-Encoding: base64\n"
        b"Content-Disposition: attachment; filename=p.png\n\niVBORw0KGgoAAA==\n--x--\n"
    )
    draft = read(message)
    assert draft.title == "Grüße from here"
    assert draft.text == (
        "Subject: Grüße from here\nFrom: a@example.org\n\nHello\n\nAttachment: n.md\n\n"
        "# Head\n\nnote\n\nAttachment: p.png"
    )
    assert [path for _, path, _ in outline(draft)] == [
        (),
        ("Attachment: n.md",),
        ("Attachment: n.md", "Head"),
        (),
    ]


def test_an_attachment_that_is_broken_is_named_and_not_shown_as_text() -> None:
    text = sample("eml_pdf_attachment.eml").text
    assert text.endswith("Test - body content\n\nAttachment: test.pdf")


def test_rich_text_gives_paragraphs_and_rows() -> None:
    text = sample("rtf_simple.rtf").text
    assert text.startswith("My First Heading\n\nMy first paragraph.")
    assert "Column 1 | Column 2\nRow 1, Cell 1 | Row 1, Cell 2" in text


def test_a_pdf_has_pages_and_the_headings_of_its_outline() -> None:
    draft = read(
        pdf(
            [lines("Cover", "1 Start", "text"), lines("more"), lines("End")],
            outline=[("Start", 0), ("End", 2)],
            title="A Fine Title",
        )
    )
    assert draft.text == "Cover\n1 Start\ntext\n\nmore\n\nEnd"
    assert draft.title == "A Fine Title"
    assert outline(draft) == [
        (1, (), "Cover"),
        (1, ("Start",), "1 Start"),
        (2, ("Start",), "more"),
        (3, ("End",), "End"),
    ]


def test_words_split_at_line_ends_are_joined() -> None:
    text = sample("pdf_two_column.pdf").text
    assert "consectetuer adipiscing elit" in text
    assert "\ufffe" not in text


def test_arabic_words_stand_in_logical_order() -> None:
    assert "حَبيبي" in sample("pdf_arabic_rtl.pdf").text


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_document"),
        (pdf([PICTURE]), "no_text_layer"),
        (pdf([PICTURE + lines("Page 1")] * 4), "no_text_layer"),
        (pdf([b""]), "empty_document"),
        (b"%PDF-1.7\nnothing of the kind", "corrupt_document"),
        (b"PK\x03\x04 word/document and no directory", "corrupt_document"),
        (docx("<w:p>" * 1000), "corrupt_document"),
        (archive({"a.bin": b"x"}), "unsupported_media_type"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "unsupported_media_type"),
        (bytes(range(256)) * 4, "unsupported_media_type"),
        ((FOLDER / "msg_outlook.msg").read_bytes(), "unsupported_media_type"),
        ((FOLDER / "pdf_password_protected.pdf").read_bytes(), "password_protected"),
        ((FOLDER / "xlsx_password_protected.xlsx").read_bytes(), "password_protected"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_code(data: bytes, code: str) -> None:
    if code == "empty_document" and data:
        assert not read(data).has_text
    else:
        assert refusal(data) == code


def test_entities_are_not_expanded_and_files_are_not_included() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY a "xxxxxxxxxx">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
    )
    assert refusal(docx(paragraph("&j;"), bomb + "]>")) == "corrupt_document"
    outside = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    assert read(docx(paragraph("safe &x;"), outside)).text == "safe"


def test_more_text_than_allowed_is_refused() -> None:
    with pytest.raises(Refusal) as raised:
        _readers.read(b"too long", Draft(5), "a.txt", "")
    assert raised.value.code == "text_too_large"
