"""What a bucket's failures mean in the words of the port."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from obstore.exceptions import BaseError

from application.ports.blob_store import BlobStoreUnavailable
from domain.errors import DependencyUnavailable, NotFound, StorageFull

MISCONFIGURED = "storage_misconfigured"
_CODE = re.compile(r"<Code>(\w{1,60})</Code>")
_STATUS = re.compile(r"status code: (\d{3})")
_NO_SUCH_KEY = frozenset({"", "NoSuchKey"})
_BEYOND = "416"
_FULL = frozenset({"InsufficientStorage", "QuotaExceeded", "XMinioStorageFull"})
_FULL_STATUS = "507"
_REDIRECTED = "incorrectly configured region"  # all that the library says of a redirect
_LOOKS_FOR_KEYS = re.compile("credential|/latest/", re.IGNORECASE)  # asks the machine for its role
_DENIED_STATUS = frozenset({"401", "403"})
_ELSEWHERE = "The bucket is in another region: set CHATSPHERE_S3_REGION."
_NO_KEYS = (
    "No access key for the bucket was found: set CHATSPHERE_S3_ACCESS_KEY_ID and "
    "CHATSPHERE_S3_SECRET_ACCESS_KEY."
)
_SENTENCES = {
    "NoSuchBucket": "There is no such bucket as CHATSPHERE_BLOB_URL names.",
    "InvalidBucketName": "There can be no such bucket as CHATSPHERE_BLOB_URL names.",
    "AuthorizationHeaderMalformed": _ELSEWHERE,
    "InvalidAccessKeyId": "The bucket does not know the access key.",
    "SignatureDoesNotMatch": "The secret does not belong to the access key of the bucket.",
    "ExpiredToken": "The access key of the bucket has expired.",
    "InvalidToken": "The session token of the access key is not valid.",
    "RequestTimeTooSkewed": "The clock of this machine is wrong: the bucket refuses its signatures.",
}


@contextmanager
def bucket_errors() -> Iterator[None]:
    """Say in the port's words what kept the bucket from its work.

    Raises NotFound (there is no such object), StorageFull, and BlobStoreUnavailable, whose code is
    `storage_misconfigured` where nothing will do until an operator has changed something.
    """
    try:
        yield
    except TimeoutError as error:
        raise BlobStoreUnavailable("The storage did not answer in time.") from error
    except (BaseError, OSError) as error:  # what is not there is a FileNotFoundError
        raise _port_error(error) from error


def is_beyond_the_end(error: BaseError) -> bool:
    """Tell whether bytes were asked for that an object does not have."""
    return _status_and_code(error)[0] == _BEYOND


def _status_and_code(error: Exception) -> tuple[str, str]:
    """Return the status and the error code of the answer, "" where there is none.

    The library keeps both in the text of its errors only.
    """
    text = str(error)
    status, code = _STATUS.search(text), _CODE.search(text)
    return status[1] if status else "", code[1] if code else ""


def _port_error(error: Exception) -> DependencyUnavailable | NotFound:
    status, code = _status_and_code(error)
    if code in _FULL or status == _FULL_STATUS:
        return StorageFull()
    if reason := _what_to_change(str(error), status, code):
        return BlobStoreUnavailable(reason, code=MISCONFIGURED, retry_after=60.0)
    if isinstance(error, FileNotFoundError) and code in _NO_SUCH_KEY:
        return NotFound()
    return BlobStoreUnavailable()


def _what_to_change(said: str, status: str, code: str) -> str | None:
    """Return the sentence for the operator; None where it may pass by itself."""
    if code in _SENTENCES:
        return _SENTENCES[code]
    if _REDIRECTED in said:
        return _ELSEWHERE
    if not code and _LOOKS_FOR_KEYS.search(said):
        return _NO_KEYS
    if status in _DENIED_STATUS:
        return f"The bucket does not allow this to the access key ({code or status})."
    return None
