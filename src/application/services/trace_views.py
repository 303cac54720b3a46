"""Traces and summaries as the API shows them."""

from application.queries.summaries import BotSummary
from application.queries.traces import KeptTrace, TracedSource
from application.services.views import View
from domain.conversations import Message


def trace_view(message: Message, trace: KeptTrace) -> View:
    """How an answer came about; of sources whose document is gone, where they stood."""
    return {
        "message_id": message.id,
        "bot_version": trace.version or "draft",
        "configuration": dict(trace.settings),
        "query": trace.query,
        "steps": [
            {
                "name": step.name,
                "started_ms": step.started_ms,
                "duration_ms": step.duration_ms,
            }
            for step in trace.steps
        ],
        "sources": [_source_view(source) for source in trace.sources],
        "degraded": message.degraded,
        "model": message.model,
        "fallbacks": [{"model": each.model, "code": each.code} for each in message.fallbacks],
        "usage": {
            "prompt_tokens": message.usage.prompt_tokens,
            "completion_tokens": message.usage.completion_tokens,
        },
        "cost": None,  # no provider tells what it charges
    }


def _source_view(found: TracedSource) -> View:
    source = found.source
    return {
        "chunk_id": source.chunk_id,
        "document_id": source.document_id,
        "revision": source.revision,
        "start": source.start,
        "end": source.end,
        "page": source.page,
        "score": source.score,
        "scores": {
            "vector": source.scores.vector,
            "keyword": source.scores.keyword,
            "rerank": source.scores.rerank,
        },
        "deleted": found.text is None,
        "title": found.title,
        "text": found.text,
    }


def summary_view(bot_id: str, summary: BotSummary) -> View:
    """What a bot has, and how it is used."""
    return {
        "bot_id": bot_id,
        "documents": {status.value: count for status, count in summary.documents.items()},
        "chunks": summary.chunks,
        "bytes": summary.size,
        "conversations": summary.conversations,
        "messages_today": summary.messages_today,
        "failed_today": summary.failed_today,
        "feedback": {"up": summary.up, "down": summary.down},
    }
