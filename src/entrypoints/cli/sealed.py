"""`chatsphere secrets`: which keys encrypt what is stored, and encrypting it all with the newest."""

from collections.abc import Sequence

from application.use_cases.sealed_secrets import Rotation, SealedSecrets
from entrypoints.cli.local import run_local
from entrypoints.cli.output import busy, hint, print_json, say
from entrypoints.container import Container
from entrypoints.settings import Settings


def status(settings: Settings, *, as_json: bool) -> int:
    """Print how many secrets each key encrypts; return 1 where one of these keys is missing."""

    async def work(container: Container) -> tuple[SealedSecrets, Sequence[str]]:
        return await container.count_secrets()(), container.secret_box().key_ids

    found, known = run_local(settings, work)
    missing = sorted(found.by_key.keys() - set(known))
    if as_json:
        counts = {"current_key_id": found.current_key_id, "secrets": dict(found.by_key)}
        print_json(counts | {"stale": found.stale, "missing_key_ids": missing})
        return 1 if missing else 0
    for key_id in [*known, *missing]:
        place = "missing" if key_id in missing else "older"
        if key_id == found.current_key_id:
            place = "current"
        say(f"key {key_id}  {place:8} {found.by_key.get(key_id, 0)} secrets")
    if missing:
        hint("Put the missing keys back behind the others in CHATSPHERE_ENCRYPTION_KEYS.")
    elif found.stale:
        hint("Run `chatsphere secrets rotate`; then the older keys can be taken away.")
    return 1 if missing else 0


def rotate(settings: Settings, *, as_json: bool) -> int:
    """Encrypt everything with the current key; return 1 where something could not be read."""

    async def work(container: Container) -> Rotation:
        with busy("Encrypting with the current key …"):
            return await container.rotate_secrets()()

    made = run_local(settings, work)
    if as_json:
        print_json(
            {
                "workspaces": made.workspaces,
                "resealed": made.resealed,
                "already_current": made.current,
                "unreadable": made.unreadable,
            }
        )
    else:
        say(f"workspaces       {made.workspaces}")
        say(f"encrypted anew   {made.resealed}")
        say(f"already current  {made.current}")
        for context in made.unreadable:
            say(f"unreadable       {context}")
        if made.unreadable:
            hint("Their keys are missing, or they were changed: have them entered anew.")
    return 1 if made.unreadable else 0
