"""Take a workspace out of use and have it erased later: by an owner, or with its last member."""

from datetime import timedelta

from application.ports.clock import Clock
from application.ports.identity import Identities
from application.services.team import record
from domain.accounts import Actor, Workspace
from domain.erasures import Erasure
from domain.jobs import Job, JobKind
from domain.workspaces import deleted


async def schedule_deletion(
    identities: Identities, clock: Clock, actor: Actor, workspace: Workspace, grace: timedelta
) -> Erasure:
    """Delete a workspace that is held by this unit; the job that erases it leaves with the commit.

    Returns the receipt of its erasure.
    """
    now = clock.now()
    saved = await identities.workspaces.save(deleted(workspace, now, grace))
    receipt = Erasure(clock.new_id("era"), "workspace", saved.id, actor.user_id, now)
    await identities.erasures.add(receipt)
    await identities.jobs(saved.id).enqueue(
        Job(
            id=clock.new_id("job"),
            tenant_id=saved.id,
            kind=JobKind.ERASE_WORKSPACE,
            subject_id=saved.id,
            run_at=now + grace,
        )
    )
    subject = ("workspace", saved.id)
    await record(identities, clock, actor, saved.id, "workspace.deleted", subject)
    return receipt
