"""The chain of the audit log."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.accounts import Actor, MemberRole
from domain.audit import GENESIS, AuditEntry, AuditLink, entry_of, first_break, link_hash

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def entry(action: str = "bot.created", **data: int) -> AuditEntry:
    actor = Actor("usr_1", "ws_1", MemberRole.OWNER, "ses_1", address="192.0.2.1", request_id="r1")
    return entry_of(actor, "aud_1", NOW, action, ("bot", "bot_1"), data)


def chain(*entries: AuditEntry) -> list[AuditLink]:
    links: list[AuditLink] = []
    for seq, one in enumerate(entries, 1):
        before = links[-1].hash if links else GENESIS
        links.append(AuditLink(seq, one.body, before, link_hash(before, seq, one.body)))
    return links


CHAIN = chain(*(entry(f"bot.{n}") for n in range(4)))


def test_an_entry_is_read_back_from_its_body() -> None:
    one = entry(version=3)
    assert AuditEntry.parse(one.body) == one


def test_an_entry_tells_by_what_credential_it_was_done() -> None:
    person = Actor("usr_1", "ws_1", MemberRole.OWNER, "ses_1")
    key = replace(person, session_id="", key_id="key_1")
    local = replace(person, session_id="")
    made = [entry_of(actor, "aud_1", NOW, "x", ("bot", "b")) for actor in (person, key, local)]
    assert [(one.actor_kind, one.actor_id) for one in made] == [
        ("user", "usr_1"),
        ("api_key", "key_1"),
        ("local", "usr_1"),
    ]


@pytest.mark.parametrize(
    ("address", "request_id", "kind"),
    [("192.0.2.1", "r1", "user"), ("192.0.2.1", "", "user"), ("", "r1", "user"), ("", "", "local")],
)
def test_who_comes_over_the_network_without_a_session_is_a_user(
    address: str, request_id: str, kind: str
) -> None:
    actor = Actor("usr_1", "", MemberRole.VIEWER, address=address, request_id=request_id)
    assert entry_of(actor, "aud_1", NOW, "login.succeeded", ("user", "usr_1")).actor_kind == kind


def test_a_chain_that_nobody_touched_holds() -> None:
    assert first_break(CHAIN) is None
    assert first_break([]) is None


@pytest.mark.parametrize(
    ("links", "place"),
    [
        ([replace(CHAIN[0], body=entry("bot.other").body), *CHAIN[1:]], 1),
        ([*CHAIN[:2], replace(CHAIN[2], hash="0" * 64), CHAIN[3]], 3),
        ([*CHAIN[:1], *CHAIN[2:]], 3),
        ([CHAIN[0], CHAIN[2], CHAIN[1], CHAIN[3]], 3),
        (CHAIN[1:], 2),
        ([*CHAIN[:3], replace(CHAIN[3], seq=5)], 5),
    ],
    ids=["changed", "another hash", "one removed", "swapped", "beginning removed", "renumbered"],
)
def test_a_chain_that_was_tampered_with_tells_where(links: list[AuditLink], place: int) -> None:
    assert first_break(links) == place


def test_a_rewritten_link_breaks_the_one_after_it() -> None:
    other = entry("bot.other").body
    forged = replace(CHAIN[1], body=other, hash=link_hash(CHAIN[0].hash, 2, other))
    assert first_break([CHAIN[0], forged, *CHAIN[2:]]) == 3
