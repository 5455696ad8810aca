"""Fuzz the query language: any text is read, or refused at a place in it, and its echo reads as the same.

python tests/fuzz/parser.py [CORPUS] -max_total_time=1200
"""

from __future__ import annotations

import os
import time
import unicodedata

import atheris
from fuzzing import fuzz

with atheris.instrument_imports(include=["search"]):
    from search.errors import QueryError
    from search.query.parser import Query, parse
    from search.query.tree import echo, leaves

SECONDS = 2.0
TODAY = "2024-03-14"
QUERIES = (
    'drones Belgorod "Légion Liberté"~3 =mot ="mot à mot" Élys* Belg?rod Koursc~2 mot>2',
    "a OU b SAUF c ET (d NON e) -f +g a PRES/5 b a ADJ/3 b NEAR/9 c ADJ d",
    "titre:x texte:(a b) source:AFP auteur:« Zoé » chemin:seeds langue:fr rubrique:économie",
    'date:2024-03..2024-06 date:hier date:3m.. depuis:2023 avant:2024-04 date:"14 mars 2024" date:>2020',
    "date:2017 .. 2018 date:-2020 date:(2020) depuis:3j date:du_3_au_14_mars_2024 date: lundi dernier",
    "l'été d’Orléans aujourd'hui C++ || && -- 10 000 W/5 !mot after:2020 [a TO z] {x} a^2 \\( \\\" …",
    "(titre:(mot>2 OU x) SAUF (le NON -la)) -(de la) « du » pro-Kiev~ anti-mot* porte-avions~2",
)
WORDS = (
    *(" OU ", " OR ", " ET ", " AND ", " SAUF ", " NON ", " NOT ", " PRES/5 ", " NEAR/5 ", " ADJ/2 "),
    " W/3 ",
    *("titre:", "texte:", "source:", "auteur:", "chemin:", "date:", "depuis:", "avant:", "..", " .. "),
    *("=", ","),
    *("(", ")", '"', "«", "»", "“", "„", "*", "?", "~", "~2", ">", ">=", ">2", "^2", "<3", "-", "+", "|"),
    "&&",
    *(" le ", " de ", "l'", "d’", "2024-03-14", "hier", "mois", "mars 2024", "3m", "lundi", "à", "\u00ad"),
    *("\u0301", "\u200b", "\u2013", "œ", "İ", "ſ", "\u0345", "ﬁ", "\u1100\u1161", "\U0001f600", "10 000"),
)


def one(data: bytes) -> None:
    """The first byte says whether the text was pasted, the rest is the text."""
    typed, pasted = data[1:].decode("utf-8", "surrogateescape"), bool(data[:1] and data[0] & 1)
    normal = unicodedata.normalize("NFC", typed)
    began = time.process_time()
    try:
        parsed = parse(typed, pasted=pasted)
    except QueryError as error:
        assert 0 <= error.position <= len(normal), (error.position, len(normal))
        assert len(error.query) <= len(normal)
        assert str(error).endswith(".") and len(str(error)) > 10, str(error)
        if error.suggestion is not None:
            assert str(error.suggestion)
    else:
        assert all(map(str, parsed.notices))
        assert list(leaves(parsed.tree))
        reads_as_itself(parsed)
    assert time.process_time() - began < SECONDS


def reads_as_itself(parsed: Query) -> None:
    """Raises AssertionError where the echo of a query is refused, or another query."""
    said = echo(parsed.tree)
    try:
        again = parse(said)
    except QueryError as error:
        # What is pasted may say more than may be typed; and an echo may be longer than what it is of.
        assert "at most" in str(error) or "has more than" in str(error) or "nest deeper" in str(error), said
    else:
        assert echo(again.tree) == said, (said, echo(again.tree))


if __name__ == "__main__":
    os.environ["NEWSEARCH_TODAY"] = TODAY
    seeds = [bytes([kind]) + query.encode() for query in QUERIES for kind in (0, 1)]
    fuzz("parser", one, seeds, WORDS, "-timeout=20", "-max_len=2500")
