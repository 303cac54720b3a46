"""The matrix of every operation, position and actor, against the running application."""

from entrypoints.isolation.check import check_isolation
from integration.api.service import Service
from standins.openai_server import OpenAIServer


async def test_nothing_of_a_tenant_is_seen_changed_or_told_apart(
    service: Service, model: OpenAIServer
) -> None:
    async def disable(user_id: str) -> None:
        async with service.container.identities().open() as identities:
            user = await identities.users.get(user_id, lock=True)
            assert user is not None
            user.disabled = True
            await identities.users.save(user)

    report = await check_isolation(service.url, disable=disable, model="openai/stand-in")
    print(  # noqa: T201  # the figures of the run
        f"\n{report.operations} operations, {report.positions} positions, {report.actors} actors, "
        f"{report.frames} socket cases, {report.cases} checks, {report.requests} requests, "
        f"{len(report.failures)} failures"
    )
    assert report.failures == []
    assert report.operations > 50
    assert report.positions > 60
    assert report.cases > 1000
    # The two tenants asked once each; what was tried with foreign ids reached no model.
    assert len(model.requests) == 2
