# ruff: noqa
# The examples of the rules in edges.yml; `semgrep scan --test` reads them, nothing runs them.

# ruleid: network-where-it-belongs
import aiohttp

# ruleid: network-where-it-belongs
from urllib.request import urlopen

# ruleid: network-where-it-belongs
import httpx

# ruleid: network-where-it-belongs
await asyncio.open_connection(host, 80)
# ok: network-where-it-belongs
from urllib.parse import urlsplit

import os

# ruleid: no-wait-for
await asyncio.wait_for(work(), 3)
# ok: no-wait-for
asyncio.timeout(3)

# ruleid: settings-read-the-environment
os.environ["HOME"]
# ruleid: settings-read-the-environment
os.getenv("HOME")
# ok: settings-read-the-environment
os.path.exists(name)


async def get_file(name):
    # ruleid: routes-open-no-files
    Path(name).read_bytes()
    # ruleid: routes-open-no-files
    open(name)
    # ok: routes-open-no-files
    blobs.open_read(name)
    # ruleid: routes-raise-domain-errors
    raise HTTPException(404)


async def get_other(name):
    # ok: routes-raise-domain-errors
    raise NotFound
