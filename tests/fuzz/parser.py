"""Fuzz the query language: any text is read or refused at a place in it, and its echo reads as the same.

python tests/fuzz/parser.py [CORPUS] -max_total_time=1200
"""

from __future__ import annotations

import os
import sys
import time
import unicodedata

import atheris

with atheris.instrument_imports(include=["search"]):
    from search.errors import QueryError
    from search.query.parser import parse
    from search.query.tree import echo

from seeds import corpus

os.environ["NEWSEARCH_TODAY"] = "2024-03-14"
SECONDS = 2.0
QUERIES = (
    'drones Belgorod "Légion Liberté"~3 =mot ="mot à mot" Élys* Belg?rod Koursc~2 mot>2',
    "a OU b SAUF c ET (d NON e) -f +g a PRES/5 b a ADJ/3 b NEAR/9 c ADJ d",
    "titre:x texte:(a b) source:AFP auteur:« Zoé » chemin:seeds langue:fr rubrique:économie",
    'date:2024-03..2024-06 date:hier date:3m.. depuis:2023 avant:2024-04 date:"14 mars 2024" date:>2020',
    "l'été d’Orléans aujourd'hui C++ || && -- 10 000 W/5 !mot after:2020 [a TO z] {x} a^2 \\( \\\" …",
)


def one(data: bytes) -> None:
    """The first byte says whether the text was pasted."""
    typed, pasted = data[1:].decode("utf-8", "surrogateescape"), bool(data[:1] and data[0] & 1)
    began = time.process_time()
    try:
        parsed = parse(typed, pasted=pasted)
    except QueryError as error:
        assert 0 <= error.position <= len(unicodedata.normalize("NFC", typed)), error.position
        assert str(error)
    else:
        said = echo(parsed.tree)
        if not pasted:  # a text that was pasted may say more than a query may
            assert echo(parse(said).tree) == said, said
    assert time.process_time() - began < SECONDS


if __name__ == "__main__":
    found = corpus("parser", [bytes([kind]) + query.encode() for query in QUERIES for kind in (0, 1)])
    atheris.Setup([*sys.argv, found], one)
    atheris.Fuzz()
