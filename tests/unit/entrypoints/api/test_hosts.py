"""By which names an installation may be asked."""

from pathlib import Path

import pytest

from entrypoints.api.hosts import allowed_hosts
from entrypoints.settings import Settings

LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, LOOPBACK),
        ({"host": "::1"}, LOOPBACK),
        ({"host": "localhost"}, LOOPBACK),
        ({"public_url": "https://Chat.Example.org:8443/x"}, LOOPBACK | {"chat.example.org"}),
        ({"public_url": "https://[2001:DB8::5]:8443"}, LOOPBACK | {"[2001:db8::5]"}),
        ({"host": "0.0.0.0"}, None),
        ({"host": "::"}, None),
        ({"host": "0.0.0.0", "public_url": "https://a.example"}, {"a.example"}),
        ({"host": "0.0.0.0", "allowed_hosts": "A.example, b"}, {"a.example", "b"}),
        ({"host": "192.0.2.5"}, None),
        ({"host": "192.0.2.5", "allowed_hosts": "b"}, {"b", "192.0.2.5"}),
        ({"host": "2001:db8::5", "allowed_hosts": "b"}, {"b", "[2001:db8::5]"}),
    ],
)
def test_names_follow_from_the_settings(
    tmp_path: Path, options: dict[str, str], expected: set[str] | None
) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path, **options)
    assert allowed_hosts(settings) == expected
