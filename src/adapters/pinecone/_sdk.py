"""The one place that knows the inside of the SDK (pinecone 10), with the reason for each reach.

The SDK makes its data clients without our retry settings, hides the log sequence number of a delete
and builds its TLS context (0.1-0.3 CPU s) in the first request, on the event loop.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pinecone import AsyncPinecone
    from pinecone.async_client.async_index import AsyncIndex

_WRITTEN = "x-pinecone-request-lsn"


def open_client(api_key: str, host: str, timeout: float) -> "AsyncPinecone":
    """Return a client of the control plane that tries each request once. Slow: not for the loop."""
    from pinecone import AsyncPinecone, RetryConfig

    client = AsyncPinecone(
        api_key, host=host, timeout=timeout, retry_config=RetryConfig(max_retries=0)
    )
    client._http._ensure_client()
    return client


def open_index(client: "AsyncPinecone", host: str) -> "AsyncIndex":
    """Return a client of an index that tries each request once. Slow: not for the event loop.

    The built-in retries sleep through a Retry-After of up to 90 s, so that the caller's deadline
    would hide the 429 from it, and share one budget with everything else in the process.
    """
    from pinecone._internal.constants import DATA_PLANE_API_VERSION
    from pinecone._internal.http_client import AsyncHTTPClient

    index = client.IndexAsyncio(host)
    config = replace(index._http._config, retry_config=client.config.retry_config)
    index._http = AsyncHTTPClient(config, DATA_PLANE_API_VERSION)
    index._http._ensure_client()
    return index


async def delete_ids(namespace: str, ids: list[str], index: "AsyncIndex") -> int | None:
    """Delete up to 1,000 records; return the write's log sequence number.

    `AsyncIndex.delete` throws the answer away, and with it the number to wait for.
    """
    body = {"namespace": namespace, "ids": ids}
    response = await index._http.post("/vectors/delete", json=body)
    number = response.headers.get(_WRITTEN, "")
    return int(number) if number.isdigit() else None
