"""A query tree that no article meets -> wider trees, and the sentence that says what stood in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from .engine import Matches
from .french.analysis import helps_to_rank, is_stop_word
from .limits import QUERY_LEAVES, RELAXATIONS
from .messages import Message
from .query.meaning import with_optional_stop_words
from .query.tree import (
    And,
    Fuzzy,
    Near,
    Node,
    Phrase,
    Prefix,
    StopWord,
    Term,
    Wildcard,
    Word,
    all_of,
    any_of,
    is_plain,
    leaves,
)


class Counts(Protocol):
    """What a relaxation needs to know of an archive, as an engine's reader tells it."""

    def search(self, tree: Node, *, limit: int) -> Matches:
        """How many articles meet a tree."""

    def frequency(self, word: Word) -> int:
        """In how many articles a word stands."""


def unquoted(tree: Node) -> Node:
    """The tree whose quoted phrases are no more required than its words: quotes in a pasted headline."""
    return all_of(
        [
            replace(child, compound=True)
            if isinstance(child, Phrase) and child.field is None and not child.exact and not child.slop
            else child
            for child in _children(tree)
        ]
    )


def ranking(tree: Node, reader: Counts, notices: list[str], *, patterns: bool = False) -> Node:
    """The tree that asks for any of the plain words, or with `patterns` also of prefixes and the like, and
    still for all else."""
    plain, kept, stop_words = _sorted_out(tree, patterns)
    terms = list(dict.fromkeys(term for child in [*plain, *stop_words] for term in _terms_of(child)))
    if len(terms) > QUERY_LEAVES:
        words = [term for term in terms if isinstance(term, Word)]
        frequencies = {word: reader.frequency(word) for word in words}
        present = sorted((word for word in words if frequencies[word]), key=frequencies.__getitem__)
        if len(present) > QUERY_LEAVES:
            notices.append(
                Message(
                    "{typed} words were typed; the {kept} rarest rank the articles.",
                    typed=len(words),
                    kept=QUERY_LEAVES,
                )
            )
        terms = [*(present[:QUERY_LEAVES] or words[:1]), *(term for term in terms if term not in frequencies)]
    ranked = [any_of(list(terms))] if terms else []
    return all_of([*ranked, *kept, *stop_words])


def required(tree: Node) -> Node | None:
    """The tree without its plain words, where something is left to look for but a time."""
    _, kept, stop_words = _sorted_out(tree)
    texts = [leaf for child in kept for leaf in leaves(child, wanted_only=True)]
    return all_of([*kept, *stop_words]) if any(isinstance(leaf, Word | Phrase) for leaf in texts) else None


def can_be_relaxed(tree: Node) -> bool:
    """Whether the tree has a plain word, which an article may lack."""
    return bool(_sorted_out(tree)[0])


def parts(tree: Node) -> frozenset[Node]:
    """What a tree asks for side by side, in no order."""
    return frozenset(_children(tree))


def absent_words(tree: Node, reader: Counts) -> list[Node]:
    """The plain words of a tree that stand in no article."""
    return [child for child in _sorted_out(tree)[0] if not reader.search(child, limit=0).total]


def what_stood_in_the_way(
    tree: Node, reader: Counts, absent: Sequence[Node], any_found: bool
) -> list[Message]:
    """Sentences that say what keeps a tree from matching, and what each part that is left out would give.

    `absent` is what `absent_words` found; `any_found` tells that articles are shown all the same.
    """
    counts = _counts_without_each(tree, reader)
    said = [message for message, _ in counts]
    reason = None
    if absent:
        reason = Message(
            "{words} stands in no article",
            "{words} stand in no article",
            count=len(absent),
            words=tuple(map(_quoted, absent)),
        )
    elif len(counts) > 1 and not any(count for _, count in counts):
        reason = Message("nor without any one part of it")
    no_article = (
        Message("No article meets the whole query ({reason})", reason=reason)
        if reason
        else Message("No article meets the whole query")
    )
    if not any_found:
        notices = [Message("{sentence}.", sentence=no_article)]
    elif len(_children(tree)) == 1 and isinstance(tree, Word):
        notices = [Message("{sentence}; these have a word of its stem.", sentence=no_article)]
    else:
        notices = [Message("{sentence}; these meet a part of it.", sentence=no_article)]
    if any(count for _, count in counts):
        notices.append(Message("Articles with all but one part of it: {counts}.", counts=tuple(said)))
    return notices


def _counts_without_each(tree: Node, reader: Counts) -> list[tuple[Message, int]]:
    """How many articles meet the tree without each of its parts, or with the words of a phrase apart."""
    plain, kept, _ = _sorted_out(tree)
    children = [*plain, *kept]
    found = []
    for child in children[:RELAXATIONS]:
        others = [other for other in children if other is not child]
        apart = _words_apart(child)
        if apart:
            count = reader.search(with_optional_stop_words(all_of([*apart, *others])), limit=0).total or 0
            found.append(
                (Message("{count} with {part} as words apart", count=count, part=_quoted(child)), count)
            )
        elif others and any(leaves(all_of(others), wanted_only=True)):
            count = reader.search(all_of(others), limit=0).total or 0
            found.append((Message("{count} without {part}", count=count, part=_quoted(child)), count))
    return found


def _words_apart(node: Node) -> list[Node]:
    """What a quoted phrase, or an operator of nearness, asks for without its order and its places."""
    if isinstance(node, Phrase) and not node.compound and len(node.forms) > 1:
        return list(node.words)
    if isinstance(node, Near):
        return [replace(term, field=node.field) for term in (node.left, node.right)]
    return []


def _children(tree: Node) -> tuple[Node, ...]:
    return tree.children if isinstance(tree, And) else (tree,)


def _sorted_out(tree: Node, patterns: bool = False) -> tuple[list[Node], list[Node], list[Node]]:
    """The plain words of a tree, what else it requires or excludes, and the stop words."""
    children = _children(tree)
    plain = [child for child in children if is_plain(child) or (patterns and _is_plain_pattern(child))]
    stop_words: list[Node] = [child for child in children if isinstance(child, StopWord)]
    return plain, [child for child in children if child not in plain and child not in stop_words], stop_words


def _is_plain_pattern(node: Node) -> bool:
    return isinstance(node, Prefix | Wildcard | Fuzzy) and node.field is None


def _terms_of(node: Node) -> list[Term]:
    """The terms that a plain node or a stop word is ranked by."""
    match node:
        case Phrase():
            return [Word(form, loose=True) for form in node.forms if _ranks(form)]
        case StopWord():
            return [Word(node.form, loose=True)] if node.field is None and _ranks(node.form) else []
        case Word():
            return [replace(node, loose=True)]
    assert isinstance(node, Prefix | Wildcard | Fuzzy), "plain nodes are terms and compounds"
    return [node]


def _ranks(form: str) -> bool:
    return not is_stop_word(form) or helps_to_rank(form)


def _quoted(node: Node) -> Message:
    text = str(node)
    return Message("“{word}”", word=text[1:-1] if text[0] == text[-1] == '"' else text)
