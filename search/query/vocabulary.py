"""The words of the query language, in French and in English, and those of other ones."""

from __future__ import annotations

import re
from typing import Final

from ..french.analysis import fold
from ..messages import Message
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

SIGN_IN_QUOTES: Final = re.compile(
    r"(?=.*[^\W_])(?:.*?(?P<sign>\*|(?<=[^\W_])(?:\?(?=[^\W_])|~)|=(?=[^\W_])))"
)
"""A sign that changes a word, where it stands by one."""

NEARNESS: Final = ("PRES", "PRÈS", "NEAR", "ADJ")
_NEARNESS: Final = re.compile(
    "|".join(NEARNESS) + r"|(?i:(?:w|n)/\d+|(?:near|adj|pr[eè]s|around)[/(]?\d+\)?)"
)
_OTHER_SIGN: Final = re.compile(r"([!\[{])[^\W_]")
_DATE_ALONE: Final = re.compile(r"\d{4}(?:-\d\d){0,2}\.\.(?:\d{4}(?:-\d\d){0,2})?")
_OTHER_FIELDS: Final = {
    **dict.fromkeys(("apres", "after", "from"), "depuis:"),
    **dict.fromkeys(("until", "jusque", "to"), "avant:"),
}


def hint_of(text: str) -> Message | None:
    """What to type in place of a word that looks like a construct of another query language."""
    if _NEARNESS.fullmatch(text):
        return Message("“{text}” was read as a word: nearness is {nearness}.", text=text, nearness="PRES/5")
    if text.lower() in ("and", "not", "sauf"):
        return Message("“{text}” was read as a word: operators are in capitals.", text=text)
    if _DATE_ALONE.fullmatch(text):
        return Message("“{text}” was read as words: dates are {dates}.", text=text, dates=f"date:{text}")
    if match := _OTHER_SIGN.match(text):
        if match[1] == "!":
            return Message(
                "The sign {sign} means nothing before a word: {excluded} excludes it.",
                sign="!",
                excluded=f"-{text[1:]}",
            )
        return Message("The sign {sign} before “{text}” means nothing.", sign=match[1], text=text[1:])
    return None


def no_field(name: str, text: str) -> Message:
    """What is told of a name before a colon that is none of a field."""
    meant = _OTHER_FIELDS.get(fold(name.lower()))
    if meant:
        return Message(
            "“{name}:” is no field, “{meant}” is one: “{text}” was read as text.",
            name=name,
            meant=meant,
            text=text,
        )
    return Message("“{name}:” is no field: “{text}” was read as text.", name=name, text=text)


def alone(text: str) -> Message:
    """What is told of a word of grammar that a field was given, and nothing else: `source:Le Monde`."""
    example = 'source:"Le Monde"'
    return Message(
        "The field holds for “{text}” alone; for more words: {example}", text=text, example=example
    )
