# ruff: noqa
# The examples of the rules in secrets.yml; `semgrep scan --test` reads them, nothing runs them.
import hashlib
import random
import secrets

# ruleid: no-weak-hash
hashlib.md5(data)
# ruleid: no-weak-hash
hashlib.sha1(data, usedforsecurity=False)
# ruleid: no-weak-hash
hashlib.new("md5", data)
# ok: no-weak-hash
hashlib.sha256(data)

# ruleid: no-random-secrets
reset_token = str(random.randint(0, 10**12))
# ruleid: no-random-secrets
invite(code=random.randbytes(8).hex())
# ok: no-random-secrets
pause = random.uniform(0.5, 1.5)
# ok: no-random-secrets
reset_token = secrets.token_urlsafe(32)

# ruleid: no-secret-in-log
log.info("signed in", token=access_token)
# ruleid: no-secret-in-log
logger.warning("wrong password: %s", password)
# ruleid: no-secret-in-log
log.error(f"the key {settings.api_key} does not fit")
# ruleid: no-secret-in-log
log.debug("tried", detail=user.password)
# ok: no-secret-in-log
log.info("signed in", user_id=user_id, session_id=session_id)
# ok: no-secret-in-log
log.warning("token refused", reason=reason)

# ruleid: compare-secrets-in-constant-time
if given.token == stored:
    pass
# ruleid: compare-secrets-in-constant-time
ok = password != expected
# ruleid: compare-secrets-in-constant-time
same = row.token_hash == digest
# ok: compare-secrets-in-constant-time
same = hmac.compare_digest(row.token_hash, digest)
# ok: compare-secrets-in-constant-time
_FIND = select(refresh_tokens).where(refresh_tokens.c.token_hash == digest)
# ok: compare-secrets-in-constant-time
if tokens == 3:
    pass
