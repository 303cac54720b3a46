"""A bucket, as settings name it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from application.ports.plugins import Context, NotConfigured, Plugin, option

if TYPE_CHECKING:
    from adapters.s3.blob_store import S3BlobStore


@dataclass(frozen=True, slots=True)
class Options:
    """Which bucket, and who asks."""

    blob_url: str = option("Where original files are kept: s3://bucket or s3://bucket/prefix.")
    s3_endpoint: str = option(
        "Address of a store that speaks S3, such as https://minio.example.com; absent: Amazon's.",
        default="",
    )
    s3_region: str = option("Region of the bucket; absent: AWS_REGION, or us-east-1.", default="")
    s3_access_key_id: str = option(
        "Access key; absent: AWS's own variables, or the role of the machine.", default=""
    )
    s3_secret_access_key: str = option("Secret of the access key.", default="", secret=True)


def _blob_store(options: Options, _context: Context) -> "S3BlobStore":
    from adapters.s3.blob_store import Bucket, S3BlobStore

    address = urlsplit(options.blob_url)
    if address.scheme != "s3" or not address.netloc or address.query or "@" in address.netloc:
        raise NotConfigured("CHATSPHERE_BLOB_URL must be s3://bucket or s3://bucket/prefix.")
    if options.s3_endpoint and not _is_http(options.s3_endpoint):
        raise NotConfigured("CHATSPHERE_S3_ENDPOINT must be an http or https address.")
    if bool(options.s3_access_key_id) != bool(options.s3_secret_access_key):
        raise NotConfigured(
            "Set both CHATSPHERE_S3_ACCESS_KEY_ID and CHATSPHERE_S3_SECRET_ACCESS_KEY, or neither."
        )
    bucket = Bucket(
        address.netloc,
        address.path.strip("/"),
        options.s3_endpoint.rstrip("/"),
        options.s3_region,
        options.s3_access_key_id,
        options.s3_secret_access_key,
    )
    try:
        return S3BlobStore(bucket)
    except ValueError as error:  # the library says it of names it cannot take
        raise NotConfigured(
            "CHATSPHERE_BLOB_URL names no folder that a bucket can have."
        ) from error


def _is_http(url: str) -> bool:
    address = urlsplit(url)
    return address.scheme in ("http", "https") and bool(address.hostname)


blob_store = Plugin(
    "Objects in a bucket: Amazon S3, and whatever speaks its protocol.",
    _blob_store,
    Options,
    modules=("obstore",),
    extra="s3",
)
