"""newsearch: full-text search for news archives, in French first.

with create_index("indexes/presse") as index:
report = index.sync("seeds")
with open_index("indexes/presse") as index:
page = index.search("drones Belgorod")
"""

from .article import Article, Span
from .errors import (
    ArticleError,
    BusyError,
    DamagedIndexError,
    IndexUnavailableError,
    IndexVersionError,
    NewsearchError,
    NoIndexError,
    QueryError,
    SyncRefusedError,
    SystemFailureError,
    UnknownArticleError,
    UsageError,
)
from .hits import Hit, Page
from .index import Index, Info, create_index, open_index
from .report import Progress, Report
from .snippets import Snippet

__all__ = [
    "Article",
    "ArticleError",
    "BusyError",
    "DamagedIndexError",
    "Hit",
    "Index",
    "IndexUnavailableError",
    "IndexVersionError",
    "Info",
    "NewsearchError",
    "NoIndexError",
    "Page",
    "Progress",
    "QueryError",
    "Report",
    "Snippet",
    "Span",
    "SyncRefusedError",
    "SystemFailureError",
    "UnknownArticleError",
    "UsageError",
    "create_index",
    "open_index",
]
