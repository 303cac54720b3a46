"""A server that speaks S3 for a test session, in a process of its own, that keeps nothing."""

import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from adapters.s3.blob_store import Bucket

START_SECONDS = 30.0
REGION = "us-east-1"
_LISTENS = re.compile(r"Running on http://127\.0\.0\.1:(\d+)")
_numbers = count(1)


@dataclass
class S3Server:
    """Buckets on loopback; seen from outside the adapter by `client`."""

    port: int
    key: str = "testing"
    secret: str = "testing"  # pragma: allowlist secret

    def __post_init__(self) -> None:
        import boto3

        self.client: Any = boto3.client(
            "s3",
            endpoint_url=self.url(),
            region_name=REGION,
            aws_access_key_id=self.key,
            aws_secret_access_key=self.secret,
        )

    def url(self, port: int | None = None) -> str:
        """Return its address, or that of a proxy before it."""
        return f"http://127.0.0.1:{port or self.port}"

    def bucket(self, port: int | None = None, prefix: str = "files/all") -> Bucket:
        """Make a bucket that is nobody else's; return the way to it."""
        name = f"bucket-{next(_numbers)}"
        self.client.create_bucket(Bucket=name)
        return Bucket(name, prefix, self.url(port), REGION, self.key, self.secret)

    def kept(self, bucket: Bucket) -> int:
        """Return how many objects, and parts of unfinished ones, take room in a bucket."""
        objects = self.client.list_objects_v2(Bucket=bucket.name).get("Contents", ())
        begun = self.client.list_multipart_uploads(Bucket=bucket.name).get("Uploads", ())
        return len(objects) + len(begun)

    def demand_rights(self) -> None:
        """From now on look at keys: there is none yet that may do anything."""
        self._control("reset-auth", b"0")

    def demand_nothing(self) -> None:
        """Take every key again."""
        self._control("reset-auth", b"inf")

    def _control(self, what: str, body: bytes) -> None:
        plain = {"Content-Type": "text/plain"}
        request = urllib.request.Request(f"{self.url()}/moto-api/{what}", body, plain)
        with urllib.request.urlopen(request, timeout=10) as answer:
            json.load(answer)


@contextmanager
def running_s3() -> Iterator[S3Server]:
    """Run a server until the block ends."""
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    with TemporaryDirectory(prefix="chatsphere-s3-") as folder:
        log = Path(folder) / "log"
        with (
            log.open("wb") as output,
            subprocess.Popen(command, stdout=output, stderr=output) as process,
        ):
            try:
                yield S3Server(_port(log, process))
            finally:
                process.kill()


def _port(log: Path, process: "subprocess.Popen[bytes]") -> int:
    until = time.monotonic() + START_SECONDS
    while not (found := _LISTENS.search(log.read_text())):
        if process.poll() is not None or time.monotonic() > until:
            pytest.fail("the S3 server did not start")
        time.sleep(0.05)
    return int(found[1])
