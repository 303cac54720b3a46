"""Health and the headers that every response carries."""

import asyncio
import re

from dependency_injector import providers

from adapters.postgres.database import Probe
from entrypoints.api.routes.health import Health
from integration.api.client import Client


async def test_a_serving_process_is_alive_and_ready(anyone: Client) -> None:
    for path in ("/healthz", "/health"):
        assert (await anyone.get(anyone.service.url + path)).json == {"status": "ok"}
    ready = await anyone.get(f"{anyone.service.url}/readyz")
    assert ready.status == 200
    parts = {"accepting", "database", "models", "embedder", "vector_index"}
    assert ready.json["status"] == "ready"
    checks = ready.json["checks"]  # `models/<provider>` too, of those that were asked by then
    assert {name for name in checks if not name.startswith("models/")} == parts
    assert set(checks.values()) == {"ok"}


async def test_a_draining_process_is_alive_but_not_ready_and_still_answers(ada: Client) -> None:
    state = ada.service.app.state
    state.draining = True
    try:
        ready = await ada.get(f"{ada.service.url}/readyz")
        assert ready.status == 503
        assert ready.json["status"] == "not_ready"
        assert ready.json["checks"]["accepting"] == "draining"
        assert (await ada.get(f"{ada.service.url}/healthz")).status == 200
        assert (await ada.get("/bots")).status == 200
    finally:
        state.draining = False


async def test_private_data_is_not_stored_sniffed_or_framed(ada: Client) -> None:
    for reply in (await ada.get("/me"), await ada.get("/nowhere"), await ada.get("/bots/x")):
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert reply.headers["Referrer-Policy"] == "no-referrer"
        assert "Server" not in reply.headers
        assert "Access-Control-Allow-Origin" not in reply.headers


async def test_a_request_id_is_taken_over_where_it_is_harmless(anyone: Client) -> None:
    url = f"{anyone.service.url}/healthz"
    kept = await anyone.get(url, headers={"X-Request-Id": "trace-42:a.b_c"})
    assert kept.headers["X-Request-Id"] == "trace-42:a.b_c"
    for given in ("", "a b", "x" * 129, "<script>", "é"):
        made = await anyone.get(url, headers={"X-Request-Id": given})
        assert re.fullmatch(r"[0-9a-f]{32}", made.headers["X-Request-Id"])


async def test_many_who_ask_whether_it_is_ready_are_one_question_to_the_database(
    anyone: Client,
) -> None:
    """Anybody may ask, as often as they like: it must not use up the connections."""
    asked = 0

    class Counted(Probe):
        async def answers(self) -> bool:
            nonlocal asked
            asked += 1
            await asyncio.sleep(0.05)
            return True

    probe = Counted(anyone.service.container.system_pool())
    anyone.service.app.state.health = Health()
    with anyone.service.container.probe.override(providers.Object(probe)):
        found = await asyncio.gather(
            *(anyone.get(f"{anyone.service.url}/readyz") for _ in range(20))
        )
    assert [reply.status for reply in found] == [200] * 20
    assert asked == 1
