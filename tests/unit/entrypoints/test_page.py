"""The page that shows the API, as files: all are served, under a policy that they keep."""

import re
from pathlib import Path

import pytest

from domain.errors import NotFound
from entrypoints.api.routes import page

FOLDER = Path(page.__file__).parents[1] / "page"
FILES = sorted(path.name for path in FOLDER.iterdir())
LONGEST = 300


@pytest.mark.parametrize("name", FILES)
async def test_every_file_of_the_pages_is_served_under_a_policy_without_inline_code(
    name: str,
) -> None:
    response = await page.part(name)
    assert response.body == (FOLDER / name).read_bytes()
    assert "unsafe" not in response.headers["Content-Security-Policy"]


async def test_nothing_else_is_served() -> None:
    with pytest.raises(NotFound):
        await page.part("../settings.py")


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".html")])
def test_the_html_has_no_inline_script_style_or_handler_and_no_third_party(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    assert not re.search(r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=|https?://", text)


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".js")])
def test_a_script_is_short_and_never_makes_html_of_text(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", text)


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".js")])
def test_a_script_asks_for_ids_that_its_page_has(name: str) -> None:
    html = (FOLDER / "docs.html").read_text("utf-8")
    asked = set(re.findall(r'\$\("([a-z-]+)"\)', (FOLDER / name).read_text(encoding="utf-8")))
    assert asked <= set(re.findall(r'\bid="([a-z-]+)"', html))
