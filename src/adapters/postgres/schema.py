"""The tables as SQLAlchemy Core knows them; migrations/ makes them, a test compares the two."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData()
_time = DateTime(timezone=True)


def _text(name: str) -> Column[str]:
    return Column(name, Text)


def _integer(name: str) -> Column[int]:
    return Column(name, Integer)


workspaces = Table(
    "workspaces", metadata, _text("id"), _text("name"), _text("plan"), Column("created_at", _time)
)
users = Table(
    "users",
    metadata,
    _text("id"),
    _text("email"),
    _text("full_name"),
    _text("password_hash"),
    Column("disabled", Boolean),
    _integer("version"),
    Column("created_at", _time),
)
memberships = Table(
    "memberships",
    metadata,
    _text("tenant_id"),
    _text("user_id"),
    _text("role"),
    Column("created_at", _time),
)
sessions = Table(
    "sessions",
    metadata,
    _text("id"),
    _text("user_id"),
    Column("created_at", _time),
    Column("expires_at", _time),
    Column("revoked_at", _time),
)
refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    _text("token_hash"),
    _text("session_id"),
    Column("expires_at", _time),
    Column("used_at", _time),
)
bots = Table(
    "bots",
    metadata,
    _text("tenant_id"),
    _text("id"),
    _text("name"),
    _text("description"),
    Column("configuration", JSONB),
    _text("public_id"),
    _integer("published_version"),
    _integer("version"),
    Column("created_at", _time),
    Column("updated_at", _time),
    Column("deleted_at", _time),
)
bot_versions = Table(
    "bot_versions",
    metadata,
    _text("tenant_id"),
    _text("bot_id"),
    _integer("number"),
    Column("configuration", JSONB),
    Column("created_at", _time),
    _text("created_by"),
    _text("note"),
    Column("published_at", _time),
)
index_generations = Table(
    "index_generations",
    metadata,
    _text("tenant_id"),
    _text("bot_id"),
    _text("id"),
    _text("state"),
    _text("space"),
    _integer("dimensions"),
    _text("chunker"),
    _text("store"),
    Column("created_at", _time),
)
documents = Table(
    "documents",
    metadata,
    _text("tenant_id"),
    _text("bot_id"),
    _text("id"),
    _text("title"),
    _text("status"),
    _text("stage"),
    _integer("done"),
    _integer("total"),
    _text("error_code"),
    _text("error_detail"),
    _integer("chunk_count"),
    _integer("revision"),
    _integer("target"),
    _text("sha256"),
    _text("source_url"),
    Column("metadata", JSONB),
    _integer("version"),
    Column("created_at", _time),
    Column("updated_at", _time),
    Column("deleted_at", _time),
)
crawls = Table(
    "crawls",
    metadata,
    _text("tenant_id"),
    _text("bot_id"),
    _text("id"),
    _text("url"),
    _text("status"),
    _integer("max_pages"),
    _integer("max_depth"),
    Column("rules", JSONB),
    Column("frontier", JSONB),
    _integer("found"),
    _integer("added"),
    _integer("skipped"),
    _integer("failed"),
    _text("error_code"),
    _text("error_detail"),
    _text("created_by"),
    Column("created_at", _time),
    Column("updated_at", _time),
)
document_revisions = Table(
    "document_revisions",
    metadata,
    _text("tenant_id"),
    _text("document_id"),
    _integer("revision"),
    _text("filename"),
    _text("media_type"),
    Column("size", BigInteger),
    _text("sha256"),
    _text("blob_key"),
    _text("text"),
    Column("sections", JSONB),
    _text("language"),
    _text("text_title"),
)
chunks = Table(
    "chunks",
    metadata,
    _text("tenant_id"),
    _text("bot_id"),
    _text("document_id"),
    _integer("revision"),
    _integer("ordinal"),
    _integer("start_offset"),
    _integer("end_offset"),
    _integer("page"),
    Column("heading_path", ARRAY(Text)),
    _text("content_hash"),
    Column("enabled", Boolean),
    _text("text"),
)
embedding_cache = Table(
    "embedding_cache",
    metadata,
    _text("tenant_id"),
    _text("space"),
    _text("content_hash"),
    Column("vector", LargeBinary),
)
conversations = Table(
    "conversations",
    metadata,
    _text("tenant_id"),
    _text("bot_id"),
    _text("id"),
    _text("title"),
    _integer("version"),
    Column("created_at", _time),
    Column("updated_at", _time),
    Column("deleted_at", _time),
    _text("started_by"),
)
messages = Table(
    "messages",
    metadata,
    _text("tenant_id"),
    _text("conversation_id"),
    _text("id"),
    _text("parent_id"),
    _text("role"),
    _text("content"),
    _text("status"),
    Column("citations", JSONB),
    _integer("prompt_tokens"),
    _integer("completion_tokens"),
    Column("timings", JSONB),
    _text("model"),
    Column("fallbacks", JSONB),
    Column("degraded", Boolean),
    _text("error_code"),
    _text("error_detail"),
    Column("stop_requested", Boolean),
    Column("lease_until", _time),
    _integer("attempt"),
    Column("draft", Boolean),
    Column("created_at", _time),
)
message_feedback = Table(
    "message_feedback",
    metadata,
    _text("tenant_id"),
    _text("message_id"),
    _text("actor_id"),
    _text("conversation_id"),
    _text("rating"),
    _text("reason"),
    _text("comment"),
    Column("created_at", _time),
    Column("updated_at", _time),
)
message_traces = Table(
    "message_traces",
    metadata,
    _text("tenant_id"),
    _text("message_id"),
    Column("trace", JSONB),
)
events = Table(
    "events",
    metadata,
    _text("tenant_id"),
    _text("stream_id"),
    _integer("seq"),
    _text("type"),
    Column("data", JSONB),
    Column("created_at", _time),
)
jobs = Table(
    "jobs",
    metadata,
    _text("id"),
    _text("tenant_id"),
    _text("kind"),
    _text("subject_id"),
    _integer("revision"),
    _integer("priority"),
    Column("run_at", _time),
    Column("lease_until", _time),
    Column("fence", BigInteger),
    _integer("errors"),
    _integer("losses"),
    _integer("outages"),
    _text("worker"),
    Column("claimed_at", _time),
    _text("last_code"),
    Column("last_blame", Boolean),
    _text("last_error"),
)
provider_credentials = Table(
    "provider_credentials",
    metadata,
    _text("tenant_id"),
    _text("provider"),
    Column("fields", JSONB),
    _text("sealed"),
    _text("key_id"),
    _text("hint"),
    _text("updated_by"),
    Column("created_at", _time),
    Column("updated_at", _time),
)
