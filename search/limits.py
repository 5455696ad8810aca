"""Every cap of the program in one table: name, default, and one sentence that says why."""

from __future__ import annotations

from typing import Final

QUERY_CHARACTERS: Final = 2_000
"""A typed query is no longer than this, checked before anything reads it."""

QUERY_DEPTH: Final = 20
"""Parentheses nest no deeper, so that no query can exhaust the stack."""

QUERY_LEAVES: Final = 64
"""Words, phrases and dates in one query; with `any` the rarest are kept instead, with a notice."""

EXPANSION_FORMS: Final = 1_024
"""Forms that a prefix, a wildcard or a fuzzy word stands for: the most frequent, and the answer says so."""

PHRASE_WORDS: Final = 32
"""Words in one phrase."""

PROXIMITY: Final = 100
"""Words between the two sides of NEAR, or more in a phrase with ~: further away is the whole article."""

PATTERN_LETTERS: Final = 2
"""Letters that a word with * or ? has at least, one of them first, so that it does not stand for any word."""

FUZZY_DISTANCE: Final = 2
"""Edits that a fuzzy word allows: three make another word of most."""

RELAXATIONS: Final = 8
"""Parts of a query that found nothing, each of which is left out in turn to count what the others find."""

SPELLINGS: Final = 8
"""Other spellings of a name that are searched besides the one that was typed."""

SUGGESTIONS: Final = 3
"""Words that are offered in place of one that stands in no article."""

RESULT_WINDOW: Final = 10_000
"""`offset + limit` of one page of results; an export of everything is another command's work."""

QUERY_SECONDS: Final = 2.0
"""A query ends by then, with what it has found; the answer says that it is partial."""

HIT_SECONDS: Final = 0.05
"""More time for the passages of each hit beyond the tenth: a large page is asked for, not suffered."""

FILE_BYTES: Final = 64 * 2**20
"""A file that must be read whole (text, Markdown, JSON) is refused above this size."""

LINE_BYTES: Final = 16 * 2**20
"""One line, which is one article, of a JSONL file."""

FRONT_MATTER_CHARACTERS: Final = 65_536
"""The metadata block of a Markdown file."""

TITLE_CHARACTERS: Final = 500
"""A first line longer than this is a paragraph, not a title."""

ID_CHARACTERS: Final = 200
"""An article's own id, which must fit a line of a terminal and a term of any engine."""

TOKEN_CHARACTERS: Final = 100
"""A longer run of letters and digits (a key, an encoded picture) is known by its beginning."""

YEARS: Final = (1400, 2199)
"""Years that a news article can bear: print began in the 1450s; a later year is a slip."""

CHECKPOINT_ARTICLES: Final = 16_384
"""A long run commits after this many articles, so that a crash costs little."""

CHECKPOINT_SECONDS: Final = 60.0
"""... or after this long, whichever comes first."""

SNIPPET_CHARACTERS: Final = 240
"""A passage shown under a hit is no longer than this."""

SNIPPETS_PER_HIT: Final = 2
"""Passages shown under a hit."""

BYTES_PER_CHARACTER: Final = 5
"""What a commit writes for a character of text, postings and stored text together, estimated amply."""

LOCK_BYTES: Final = 4_096
"""What a writer takes of the disk to begin with, so that a full one is told at once."""
