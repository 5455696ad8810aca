"""What a sync tells: how far it is, and what it did."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sync is: articles written, bytes read of all that must be, articles in the last commit."""

    articles: int
    bytes_read: int
    bytes_total: int
    committed: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a sync or an addition did. Counts are articles; pairs are (path, reason).

    `stale` are files that could not be read as before and keep their older version; `forgotten`
    counts articles that were met but not taken, because they were erased on purpose; `notes` are
    remarks on articles that were taken.
    """

    added: int = 0
    changed: int = 0
    moved: int = 0
    removed: int = 0
    unchanged: int = 0
    forgotten: int = 0
    refused: tuple[tuple[str, str], ...] = ()
    stale: tuple[tuple[str, str], ...] = ()
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild made: how many articles, and the ids of those of a damaged index that are lost."""

    articles: int
    lost: tuple[str, ...] = ()
