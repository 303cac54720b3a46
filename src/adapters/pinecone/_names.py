"""What our namespaces and chunks are called in Pinecone.

A name is `tenant.bot.generation`: only characters that a URL carries as they are, because Pinecone
takes it in paths too. Any other character becomes `~` and the two hexadecimal digits of each byte.
"""

import re

from application.ports.vector_index import Namespace
from domain.ids import split_chunk_id

_LONGEST = 512  # characters of a namespace, of a record's id and of a prefix
_PARTS = 3
_UNSAFE = re.compile(rb"[^A-Za-z0-9_-]")
_ESCAPED = re.compile(rb"~([0-9A-F]{2})")


def name_of(namespace: Namespace) -> str:
    """Return the name of a namespace. Raises ValueError where its ids are empty or too long."""
    parts = (namespace.tenant_id, namespace.bot_id, namespace.generation_id)
    name = ".".join(map(_escaped, parts))
    if not all(parts) or len(name) > _LONGEST:
        raise ValueError(f"the ids of a namespace have 1 to {_LONGEST} characters together")
    return name


def namespace_of(name: str) -> Namespace | None:
    """Return the namespace of that name; None where the name is none of ours."""
    parts = [_unescaped(part) for part in name.split(".")]
    if len(parts) != _PARTS or not all(parts):
        return None
    namespace = Namespace(*parts)
    return namespace if name_of(namespace) == name else None


def tenant_prefix(tenant_id: str) -> str:
    """Return how the names of a tenant's namespaces, and no others, begin."""
    return f"{_escaped(tenant_id)}."


def document_prefix(document_id: str) -> str:
    """Return how the ids of a document's chunks, and no others, begin."""
    return f"chk_{document_id.partition('_')[2]}_"


def document_of(chunk_id: str) -> str | None:
    """Return the document that a chunk is of; None where the id is no chunk's."""
    parts = split_chunk_id(chunk_id)
    return parts[0] if parts else None


def revision_of(chunk_id: str) -> int:
    """Return the revision that a chunk is of; 0 where the id is no chunk's."""
    parts = split_chunk_id(chunk_id)
    return parts[1] if parts else 0


def may_exist(chunk_id: str) -> bool:
    """Tell whether Pinecone would take this for a record's id: a request with another is refused."""
    return 0 < len(chunk_id) <= _LONGEST and chunk_id.isascii() and "\0" not in chunk_id


def _escaped(value: str) -> str:
    return _UNSAFE.sub(lambda byte: b"~%02X" % byte[0][0], value.encode()).decode()


def _unescaped(value: str) -> str:
    plain = _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), value.encode())
    return plain.decode(errors="replace")
