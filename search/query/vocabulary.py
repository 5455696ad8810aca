"""The words of the query language, in French and in English, and those of other ones."""

from __future__ import annotations

import re
from typing import Final

from .dates import DateField
from .tree import Field

OPERATORS: Final = {
    "OU": "or",
    "OR": "or",
    "ET": "and",
    "AND": "and",
    "SAUF": "not",
    "NON": "not",
    "NOT": "not",
}
OTHER_OPERATORS: Final = {"&&": "and", "||": "or", "|": "or"}
"""What other query languages write; read with a notice."""

FIELDS: Final[dict[str, Field | DateField]] = {
    "titre": "title",
    "title": "title",
    "texte": "body",
    "body": "body",
    "source": "source",
    "auteur": "author",
    "author": "author",
    "chemin": "path",
    "path": "path",
    "date": "date",
    "depuis": "since",
    "since": "since",
    "avant": "before",
    "before": "before",
}

NEARNESS: Final = ("PRES", "PRÈS", "NEAR", "ADJ")
OTHER_SIGN: Final = re.compile(r"[!\[{][^\W_]")
"""What other query languages begin a term with."""
