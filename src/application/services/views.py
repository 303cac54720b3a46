"""The public shape of things, as JSON values: one place for responses, events and the command line."""

from collections.abc import Mapping
from datetime import UTC, datetime

from application.queries.conversations import ConversationOverview
from domain.accounts import User, Workspace
from domain.actors import actor_kind
from domain.bots import Bot, BotVersion
from domain.chunks import Chunk, ScoredPassage
from domain.citations import Citation
from domain.conversations import Message
from domain.crawls import Crawl
from domain.credentials import StoredCredentials
from domain.documents import Document
from domain.errors import ChatSphereError, QuotaExceeded
from domain.feedback import Feedback

View = dict[str, object]
Names = Mapping[str, str]  # of people and API keys, by id


def timestamp(moment: datetime) -> str:
    """Return RFC 3339 in UTC, ending in Z."""
    written = moment.isoformat(timespec="milliseconds")
    if not written.endswith("+00:00"):
        written = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return written[:-6] + "Z"


def user_view(user: User) -> View:
    """A person, without anything secret."""
    return {
        "id": user.id,
        "email": user.email,
        "full_name": user.full_name,
        "created_at": timestamp(user.created_at),
    }


def workspace_view(workspace: Workspace, role: str) -> View:
    """A workspace as one of its members sees it."""
    return {
        "id": workspace.id,
        "name": workspace.name,
        "plan": workspace.plan,
        "role": role,
        "created_at": timestamp(workspace.created_at),
    }


def credentials_view(stored: StoredCredentials) -> View:
    """A workspace's own key for a provider, without the key."""
    return {
        "provider": stored.provider,
        "hint": stored.hint,
        "base_url": stored.shown.get("base_url"),
        "updated_at": timestamp(stored.updated_at),
        "updated_by": stored.updated_by,
    }


def bot_view(bot: Bot) -> View:
    """A bot with its whole configuration."""
    return {
        "id": bot.id,
        "name": bot.name,
        "description": bot.description,
        "configuration": bot.configuration.as_dict(),
        "published_version": bot.published_version,
        "public_id": bot.public_id,
        "created_at": timestamp(bot.created_at),
        "updated_at": timestamp(bot.updated_at),
    }


def actor_view(actor_id: str | None, names: Names) -> View | None:
    """Who did something, with a name where there is one; None where it was not kept."""
    if actor_id is None:
        return None
    return {"kind": actor_kind(actor_id).value, "id": actor_id, "name": names.get(actor_id)}


def version_view(version: BotVersion, names: Names) -> View:
    """An immutable version of a bot's configuration."""
    published_at = version.published_at
    return {
        "bot_id": version.bot_id,
        "number": version.number,
        "configuration": version.configuration.as_dict(),
        "note": version.note,
        "created_at": timestamp(version.created_at),
        "created_by": actor_view(version.created_by, names),
        "published_at": timestamp(published_at) if published_at else None,
    }


def document_view(document: Document) -> View:
    """A document with where its ingestion stands."""
    progress, error = document.progress, document.error
    return {
        "id": document.id,
        "bot_id": document.bot_id,
        "title": document.title,
        "filename": document.source.filename,
        "media_type": document.source.media_type,
        "bytes": document.source.size,
        "sha256": document.source.sha256,
        "status": document.status.value,
        "progress": {
            "stage": progress.stage.value,
            "done": progress.done,
            "total": progress.total,
        },
        "error": {"code": error.code, "detail": error.detail} if error else None,
        "chunk_count": document.chunk_count,
        "revision": document.revision,
        "source_url": document.source_url,
        "metadata": document.metadata,
        "created_at": timestamp(document.created_at),
        "updated_at": timestamp(document.updated_at),
    }


def crawl_view(crawl: Crawl) -> View:
    """A crawl with how far it is."""
    error = crawl.error
    return {
        "id": crawl.id,
        "bot_id": crawl.bot_id,
        "url": str(crawl.url),
        "status": crawl.status.value,
        "found": crawl.found,
        "added": crawl.added,
        "skipped": crawl.skipped,
        "failed": crawl.failed,
        "error": {"code": error.code, "detail": error.detail} if error else None,
        "max_pages": crawl.rules.max_pages,
        "max_depth": crawl.rules.max_depth,
        "include": list(crawl.rules.include),
        "exclude": list(crawl.rules.exclude),
        "created_at": timestamp(crawl.created_at),
        "updated_at": timestamp(crawl.updated_at),
    }


def chunk_view(document_id: str, identifier: str, chunk: Chunk) -> View:
    """A passage of a document."""
    return {
        "id": identifier,
        "document_id": document_id,
        "index": chunk.ordinal,
        "text": chunk.text,
        "start": chunk.start,
        "end": chunk.end,
        "page": chunk.page,
        "heading_path": list(chunk.heading_path),
        "enabled": True,
    }


def hit_view(hit: ScoredPassage) -> View:
    """A passage that a search found, with the parts of its score."""
    passage, scores = hit.passage, hit.scores
    return {
        "chunk_id": passage.chunk_id,
        "document_id": passage.document_id,
        "title": passage.title,
        "revision": passage.revision,
        "text": passage.text,
        "start": passage.start,
        "end": passage.end,
        "page": passage.page,
        "heading_path": list(passage.heading_path),
        "score": hit.score,
        "scores": {
            "vector": scores.vector,
            "keyword": scores.keyword,
            "rerank": scores.rerank,
        },
    }


def source_view(hit: ScoredPassage) -> View:
    """Where a passage that an answer may draw on stands, without its text."""
    view = hit_view(hit)
    del view["text"]
    return view


def citation_view(citation: Citation) -> View:
    """A citation: `quote` stands at `start` to `end` of that revision's text."""
    return {
        "index": citation.index,
        "document_id": citation.document_id,
        "title": citation.title,
        "revision": citation.revision,
        "chunk_id": citation.chunk_id,
        "start": citation.start,
        "end": citation.end,
        "page": citation.page,
        "quote": citation.quote,
        "verified": citation.verified,
    }


def conversation_view(overview: ConversationOverview, names: Names) -> View:
    """A conversation, without its messages."""
    conversation, last, match = overview.conversation, overview.last_message_at, overview.match
    return {
        "id": conversation.id,
        "bot_id": conversation.bot_id,
        "title": conversation.title,
        "created_at": timestamp(conversation.created_at),
        "updated_at": timestamp(conversation.updated_at),
        "started_by": actor_view(conversation.started_by, names),
        "message_count": overview.message_count,
        "last_message_at": timestamp(last) if last else None,
        "feedback": {"up": overview.up, "down": overview.down},
        "match": {"message_id": match.message_id, "text": match.text} if match else None,
    }


def feedback_view(feedback: Feedback) -> View:
    """What somebody says of an answer, without who."""
    return {
        "rating": feedback.rating.value,
        "reason": feedback.reason,
        "comment": feedback.comment,
        "created_at": timestamp(feedback.created_at),
        "updated_at": timestamp(feedback.updated_at),
    }


def message_view(message: Message, feedback: Feedback | None = None) -> View:
    """A message, whatever its state, and what the one who is shown it says of it."""
    error = message.error
    return {
        "id": message.id,
        "conversation_id": message.conversation_id,
        "parent_id": message.parent_id,
        "role": message.role.value,
        "content": message.content,
        "status": message.status.value,
        "citations": [citation_view(citation) for citation in message.citations],
        "usage": {
            "prompt_tokens": message.usage.prompt_tokens,
            "completion_tokens": message.usage.completion_tokens,
        },
        "timings": message.timings,
        "model": message.model,
        "fallbacks": [{"model": each.model, "code": each.code} for each in message.fallbacks],
        "degraded": message.degraded,
        "error": {"code": error.code, "detail": error.detail} if error else None,
        "feedback": feedback_view(feedback) if feedback else None,
        "created_at": timestamp(message.created_at),
    }


def problem_view(code: str, detail: str) -> Mapping[str, object]:
    """A problem inside a stream, where there is no HTTP status any more."""
    return {"type": f"urn:chatsphere:problem:{code}", "code": code, "detail": detail}


def error_problem(error: ChatSphereError) -> Mapping[str, object]:
    """The same from an error."""
    view = dict(problem_view(error.code, error.detail))
    if isinstance(error, QuotaExceeded):
        view["limit"] = error.limit
    return view
