"""Folders and a ledger -> what a sync has to do, before it opens a file for good or writes anything."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from .errors import ArticleError, SyncRefusedError, UsageError
from .ledger import FileEntry, Ledger
from .messages import Message
from .sources.draft import Refusal
from .sources.reading import candidate_ids, content_of, drafts, opened
from .sources.walk import SeenFile, Walk, is_readable, reason_of, walk


@dataclass(slots=True)
class Survey:
    """What there is to do.

    `to_read` are files, each with the root it was found under; `kept` are entries of files that are
    as they were; `stale` are entries of files that can no longer be read, with the reason, `gone`
    those of files that are no more; `refused` are (path, reason) of what is not even opened.
    """

    to_read: list[tuple[SeenFile, str]] = field(default_factory=list)
    kept: list[FileEntry] = field(default_factory=list)
    stale: list[tuple[FileEntry, str]] = field(default_factory=list)
    gone: list[FileEntry] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def survey(paths: Sequence[str], ledger: Ledger, *, prune: bool, rescan: bool) -> Survey:
    """Look at the folders.

    Raises UsageError for one that cannot be read, and unless `prune` SyncRefusedError for one that
    is missing or would lose more than half of its articles.
    """
    walks = [_walk(path, ledger, prune) for path in dict.fromkeys(paths)]
    result = Survey()
    present: set[str] = set()
    for found in walks:
        if found.root in found.closed:
            raise UsageError(_unreadable(found.typed, found.refused[-1][2]))
        for file in found.files:
            if file.path not in present:
                present.add(file.path)
                _classify(file, found.root, ledger, rescan, result)
        for path, shown, reason in found.refused:
            if path not in present:
                present.add(path)
                entry = ledger.files.get(path)
                if entry and entry.articles:
                    result.stale.append((entry, reason))
                else:
                    result.refused.append((shown, reason))
    for found in walks:
        barred = {path: reason for path, _, reason in found.refused}
        for entry in ledger.under(found.root, os.sep):
            if entry.path not in present:
                present.add(entry.path)
                above = next((f for f in map(str, PurePath(entry.path).parents) if f in barred), None)
                if above:
                    folder = os.path.basename(above)
                    reason = Message("its folder {folder}: {reason}", folder=folder, reason=barred[above])
                    result.stale.append((entry, reason))
                else:
                    result.gone.append(entry)
    _read_again_what_was_in_conflict(result, ledger, walks)
    if not prune:
        _refuse_to_lose_most(walks, ledger, result)
    return result


def _walk(typed: str, ledger: Ledger, prune: bool) -> Walk:
    if not typed or "\0" in typed:
        raise UsageError(Message("“{path}” is no path.", path=typed))
    try:
        return walk(typed)
    except (FileNotFoundError, NotADirectoryError) as error:
        root = os.path.realpath(typed)
        articles = sum(len(entry.articles) for entry in ledger.under(root, os.sep))
        if articles and prune:
            return Walk(root, typed)
        missing = Message("{path} does not exist; nothing was changed.", path=typed)
        if articles:
            missing = Message(
                "{path} does not exist; nothing was changed. "
                "--prune removes the {count} article that came from it.",
                "{path} does not exist; nothing was changed. "
                "--prune removes the {count} articles that came from it.",
                path=typed,
                count=articles,
            )
        raise SyncRefusedError(missing) from error
    except OSError as error:
        raise UsageError(_unreadable(typed, reason_of(error))) from error


def _unreadable(path: str, reason: str) -> Message:
    return Message("{path} cannot be read: {reason}.", path=path, reason=reason)


def _classify(file: SeenFile, root: str, ledger: Ledger, rescan: bool, result: Survey) -> None:
    entry = ledger.files.get(file.path)
    if entry and entry.articles and not is_readable(file.path):
        result.stale.append((entry, Message("it may not be read (permission denied)")))
    elif entry and not rescan and entry.is_unchanged(file.size, file.mtime_ns, file.inode):
        result.kept.append(entry)
    else:
        result.to_read.append((file, root))


def _read_again_what_was_in_conflict(result: Survey, ledger: Ledger, walks: list[Walk]) -> None:
    """An article was refused because its id was another's: look again if that one may have changed."""
    moving = {entry.path for entry in result.gone} | {file.path for file, _ in result.to_read}
    files = {file.path: (file, found.root) for found in walks for file in found.files}
    while True:
        again = {
            entry.path
            for entry in result.kept
            if any(
                ledger.owner(id) in moving or not (ledger.owner(id) or id in ledger.added)
                for id in entry.conflicts
            )
        }
        if not again:
            return
        moving |= again
        result.kept = [entry for entry in result.kept if entry.path not in again]
        result.to_read.extend(files[path] for path in again)


def _refuse_to_lose_most(walks: list[Walk], ledger: Ledger, result: Survey) -> None:
    """Raise SyncRefusedError where a folder would lose more than half of its articles.

    Only where the look alone cannot rule that out are the files read for it, once more.
    """
    survivors: tuple[set[str], set[str]] | None = None
    doubtful = {entry.path for entry in result.gone} | {file.path for file, _ in result.to_read}
    for found in walks:
        known = ledger.under(found.root, os.sep)
        total = sum(len(entry.articles) for entry in known)
        at_risk = [entry for entry in known if entry.path in doubtful]
        if sum(len(entry.articles) for entry in at_risk) * 2 <= total:
            continue
        if survivors is None:
            survivors = _survivors(result.to_read, ledger)
        lost = sum(
            id not in survivors[0] and content not in survivors[1]
            for entry in at_risk
            for id, content in entry.articles.items()
        )
        if lost * 2 > total:
            raise SyncRefusedError(
                Message(
                    "{path} would lose {lost} of its {total} articles, more than half; "
                    "nothing was changed. If that is right, --prune removes them.",
                    path=found.typed,
                    lost=lost,
                    total=total,
                )
            )


def _survivors(to_read: list[tuple[SeenFile, str]], ledger: Ledger) -> tuple[set[str], set[str]]:
    """The ids and the content hashes that reading these files would find or keep."""
    ids: set[str] = set()
    contents: set[str] = set()
    for file, root in to_read:
        old = ledger.files.get(file.path)
        before: Collection[str] = old.articles if old else ()
        place = (old.root, old.relative) if old else (root, file.relative)
        try:
            with opened(file.path) as stream:
                for item in drafts(file.path, stream):
                    try:
                        content = None if isinstance(item, Refusal) else content_of(item)
                    except ArticleError:
                        content = None
                    if content is None or isinstance(item, Refusal):
                        ids.update(before)
                        continue
                    own = {id for id in candidate_ids(item, content, *place) if id in before}
                    if own or item.id is not None:
                        ids.update(own or {content.id})
                    else:
                        contents.add(content.content_hash())
        except OSError:
            ids.update(before)
    return ids, contents
