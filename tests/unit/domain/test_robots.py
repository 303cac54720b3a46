"""robots.txt is read as RFC 9309 says."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.robots import NOTHING_ALLOWED, Rule, parse_robots


@pytest.mark.parametrize(
    ("pattern", "target", "fits"),
    [
        ("/", "/anything", True),
        ("/fish", "/fish.html", True),
        ("/fish", "/Fish", False),
        ("/fish*", "/fishheads", True),
        ("/fish/", "/fish", False),
        ("/*.php", "/folder/a.php?x=1", True),
        ("/*.php$", "/a.php", True),
        ("/*.php$", "/a.php?x", False),
        ("/fish*.php", "/fish/x.php", True),
        ("/a$", "/a", True),
        ("/a$", "/ab", False),
        ("/a*a$", "/a", False),
        ("/*", "/", True),
        ("*/x", "/a/x", True),
        ("/a*b*c$", "/aXbYc", True),
        ("/a*b*c$", "/aXcYb", False),
    ],
)
def test_patterns_match_as_the_standard_says(pattern: str, target: str, fits: bool) -> None:
    assert Rule(pattern, allow=True).fits(target) is fits


def test_a_pattern_of_many_stars_takes_no_time() -> None:
    began = time.monotonic()
    assert not Rule("/" + "a*" * 500 + "b$", allow=True).fits("/" + "a" * 2000)
    assert time.monotonic() - began < 1


def test_many_groups_of_many_rules_take_no_time_and_no_room() -> None:
    named = "".join(f"User-agent: {number}\n" for number in range(10_000))
    rules = "Disallow: /\n" * 20_000
    began = time.process_time()
    assert parse_robots(named + rules, "x").rules == []
    assert not parse_robots(named + "User-agent: X\n" + rules, "x").allows("/")
    assert time.process_time() - began < 3


def test_the_longest_rule_decides_and_a_tie_allows() -> None:
    robots = parse_robots(
        "User-agent: *\nDisallow: /a\nAllow: /a/b\nDisallow: /a/b/c\nDisallow: /t\nAllow: /t", "x"
    )
    assert [robots.allows(path) for path in ("/", "/a", "/a/b", "/a/b/c", "/t")] == [
        True,
        False,
        True,
        False,
        True,
    ]


ROBOTS = """\ufeff# comment
User-Agent: other
User-agent: ChatSphere/1.0 # us
Disallow: /ours

Sitemap: https://example.org/s.xml
User-agent: *
Disallow: /
Crawl-delay: 9
USER-AGENT: chatsphere
disallow : /more
Crawl-Delay: 2.5
Crawl-delay: inf
Disallow:
"""


def test_the_groups_that_name_us_count_together_and_then_no_others() -> None:
    robots = parse_robots(ROBOTS, "ChatSphere")
    assert robots.allows("/x")
    assert not robots.allows("/ours")
    assert not robots.allows("/more")
    assert robots.delay == 2.5
    assert robots.sitemaps == ["https://example.org/s.xml"]


def test_who_is_not_named_goes_by_the_star() -> None:
    robots = parse_robots(ROBOTS, "somebody")
    assert not robots.allows("/x")
    assert robots.allows("/robots.txt")
    assert not NOTHING_ALLOWED.allows("/")


def test_escapes_are_compared_in_one_form() -> None:
    robots = parse_robots("User-agent: *\nDisallow: /ü\nDisallow: /%7euser", "x")
    assert not robots.allows("/%C3%BC")
    assert not robots.allows("/~user")


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    for robots in (parse_robots(text, "x"), parse_robots("User-agent: *\n" + text, "x")):
        robots.allows("/x")
        assert robots.delay >= 0
