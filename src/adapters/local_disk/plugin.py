"""Original files in a folder, as it is chosen by settings."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from application.ports.blob_store import BlobStore
from application.ports.plugins import Context, NotConfigured, Plugin, option


@dataclass(frozen=True, slots=True)
class Options:
    """Which folder."""

    blob_url: str | None = option(
        "Where original files are kept, such as file:///srv/files; absent: in the data directory.",
        default=None,
    )


def _blob_store(options: Options, context: Context) -> BlobStore:
    from adapters.local_disk.blob_store import LocalDiskBlobStore

    return LocalDiskBlobStore(folder_of(options.blob_url, context.data_dir))


def folder_of(blob_url: str | None, data_dir: Path) -> Path:
    """Return the folder that a URL names; None: one in the data directory. Raises NotConfigured."""
    if blob_url is None:
        return data_dir / "blobs"
    url = urlsplit(blob_url)
    if url.netloc or not url.path.startswith("/"):
        raise NotConfigured("CHATSPHERE_BLOB_URL names a folder so: file:///srv/files")
    return Path(unquote(url.path))


blob_store = Plugin(
    summary="Original files in a folder of this machine.", build=_blob_store, options=Options
)
