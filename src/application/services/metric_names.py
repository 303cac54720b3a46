"""Every number that is kept, in one place. docs/metrics.md explains them."""

from application.ports.metrics import Kind, Metric

CALLS = Metric(
    "chatsphere_calls_total",
    Kind.COUNTER,
    "Calls to models, stores and rerankers by how they ended: ok, cancelled, or the code of an error.",
    ("part", "operation", "outcome"),
)
CALL_SECONDS = Metric(
    "chatsphere_call_seconds",
    Kind.HISTOGRAM,
    "How long these calls took, whole answers of chat models included.",
    ("part", "operation"),
)
FIRST_TOKEN_SECONDS = Metric(
    "chatsphere_first_token_seconds",
    Kind.HISTOGRAM,
    "How long chat models took to begin an answer.",
    ("operation",),
)
TOKENS = Metric(
    "chatsphere_tokens_total",
    Kind.COUNTER,
    "Tokens of prompts and completions, as chat models count them.",
    ("operation", "kind"),
)
BREAKER_OPEN = Metric(
    "chatsphere_breaker_open",
    Kind.GAUGE,
    "1 while a part is let alone because it did not answer of late.",
    ("part",),
)
HTTP_REQUESTS = Metric(
    "chatsphere_http_requests_total",
    Kind.COUNTER,
    "HTTP requests by method, route and status.",
    ("method", "route", "status"),
)
HTTP_SECONDS = Metric(
    "chatsphere_http_request_seconds",
    Kind.HISTOGRAM,
    "How long HTTP requests took until their answer began.",
    ("method", "route"),
)
ALL = (
    CALLS, CALL_SECONDS, FIRST_TOKEN_SECONDS, TOKENS, BREAKER_OPEN, HTTP_REQUESTS, HTTP_SECONDS,
)  # fmt: skip
