"""The shapes of addresses and crawls: documents that come from the web."""

from typing import Annotated, Literal

from pydantic import Field

from domain.crawls import DEPTH_MAX, PAGES_MAX, PREFIX_LENGTH_MAX, PREFIXES_MAX
from domain.urls import URL_MAX
from entrypoints.api.schemas import Failure, Input, Output, Text

Url = Annotated[
    Text,
    Field(
        min_length=1,
        max_length=URL_MAX,
        description="http or https, on port 80 or 443 of a host of the public internet.",
        examples=["https://handbook.example/rules"],
    ),
]
_Prefix = Annotated[Text, Field(max_length=PREFIX_LENGTH_MAX, pattern="^/")]
_Prefixes = Annotated[list[_Prefix], Field(max_length=PREFIXES_MAX)]


class UrlDocument(Input):
    """A page or file of the web as a document."""

    url: Url
    title: Annotated[Text, Field(max_length=1000, examples=["Handbook"])] = ""
    metadata: Annotated[dict[Text, Text], Field(default_factory=dict)]


class NewCrawl(Input):
    """A site to be read; each of its pages becomes a document."""

    url: Url
    max_pages: Annotated[int, Field(ge=1, le=PAGES_MAX, description="Pages read at most.")] = 50
    max_depth: Annotated[
        int, Field(ge=0, le=DEPTH_MAX, description="Links from the start at most.")
    ] = 2
    include: Annotated[
        _Prefixes,
        Field(default_factory=list, description="Only paths that begin so.", examples=[["/docs/"]]),
    ]
    exclude: Annotated[
        _Prefixes,
        Field(
            default_factory=list, description="No paths that begin so.", examples=[["/docs/old/"]]
        ),
    ]


class Crawl(Output):
    """The reading of a site: `found` addresses, and what became of those that are read."""

    id: Annotated[str, Field(examples=["crawl_01kaqz4m8fe7ssw1t2gq7k9xza"])]
    bot_id: str
    url: str
    status: Literal["running", "completed", "failed", "stopped"]
    found: int
    added: int
    skipped: int
    failed: int
    error: Failure | None
    max_pages: int
    max_depth: int
    include: list[str]
    exclude: list[str]
    created_at: str
    updated_at: str
