"""Which files a folder gives."""

from pathlib import Path

from entrypoints.cli.files import content_of, files_under


def tree(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def test_a_folder_gives_its_files_in_order_and_all_below(tmp_path: Path) -> None:
    tree(tmp_path, "b.txt", "a.md", "deep/er/c.pdf")
    assert files_under([tmp_path]) == [
        tmp_path / "a.md",
        tmp_path / "b.txt",
        tmp_path / "deep/er/c.pdf",
    ]


def test_hidden_files_and_folders_are_left_out(tmp_path: Path) -> None:
    tree(tmp_path, "shown.txt", ".hidden.txt", ".git/config")
    assert files_under([tmp_path]) == [tmp_path / "shown.txt"]


def test_a_hidden_file_that_is_named_is_meant(tmp_path: Path) -> None:
    tree(tmp_path, ".hidden.txt")
    assert files_under([tmp_path / ".hidden.txt"]) == [tmp_path / ".hidden.txt"]


def test_a_file_named_twice_comes_once(tmp_path: Path) -> None:
    tree(tmp_path, "a.txt")
    assert files_under([tmp_path, tmp_path / "a.txt"]) == [tmp_path / "a.txt"]


def test_a_link_to_a_folder_is_not_followed(tmp_path: Path) -> None:
    tree(tmp_path, "folder/a.txt")
    (tmp_path / "folder/loop").symlink_to(tmp_path)
    assert files_under([tmp_path]) == [tmp_path / "folder/a.txt"]


def test_a_link_to_nothing_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "dangling").symlink_to(tmp_path / "gone")
    assert files_under([tmp_path]) == []


async def test_the_content_is_the_files_name_type_and_bytes(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(b"x" * 3_000_000)
    content = content_of(path)
    pieces = [piece async for piece in content.data]
    assert (content.filename, content.media_type) == ("page.html", "text/html")
    assert len(pieces) == 3
    assert b"".join(pieces) == path.read_bytes()


def test_an_unknown_ending_claims_no_type(tmp_path: Path) -> None:
    assert content_of(tmp_path / "x.unknown").media_type == "application/octet-stream"
