"""What tests of whole indexes share: small French articles, and a commit in one line."""

import datetime as dt
import importlib.util
import random
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from search.article import Article, Span
from search.query.tree import (
    And,
    Dated,
    Frequent,
    Fuzzy,
    Near,
    Not,
    Or,
    Phrase,
    Prefix,
    Wildcard,
    Word,
)

TEXT = """
président présidente présidents présidentielle frappe frappes frappé frappée drone drones armée armées visé
visée viser Belgorod Koursk Kiev Moscou Élysée Zelensky Poutine élection élections électoral scrutin œuvre
œuvres cœur naïf naïve été étés hôpital hôpitaux journal journaux travail travaux cheval chevaux manger mangé
mangent nouvelle nouvelles nouveau vieux vieille îles Île où ça garçon leçon français française pro-russe
porte-parole aujourd’hui l’armée d’Ukraine qu’elle jusqu’au le la les de des du un une et en à pour dans sur
avec ne pas plus est sont a ont 2024 1,5 G7 COVID-19 naïvement rapidement gouverne
"""
WORDS = TEXT.split()
SOURCES = ("Le Monde", "AFP", "L’Humanité", "Agence France-Presse", None)
AUTHORS = ("Anne Îles", "Zoé Çelik", "Jean-Noël de la Tour", None, None)
DATES = ("2024-03-14", "2023-12", "2022", "2024-03-15", None)


def _text(random_: random.Random, most: int) -> str:
    words = [random_.choice(WORDS) for _ in range(random_.randint(0, most))]
    return " ".join(word.capitalize() if random_.random() < 0.2 else word for word in words)


def small_articles(count: int, seed: int = 1, first: int = 0) -> list[Article]:
    """So many different articles, the same ones for the same seed; one in twenty is without any text."""
    random_ = random.Random(seed)
    made = []
    for number in range(first, first + count):
        silent = random_.random() < 0.05
        date = random_.choice(DATES)
        made.append(
            Article(
                f"{random_.choice(('a', 'été/', 'œ-', 'Z '))}{number:04}",
                "" if silent else _text(random_, 9),
                "— !" if silent else f"{_text(random_, 40)}.\n\n{_text(random_, 30)}",
                Span.parse(date) if date else None,
                path=random_.choice((None, f"presse/Été {number % 7}/{number:04}.txt")),
                source=random_.choice(SOURCES),
                url=random_.choice((None, f"https://exemple.fr/é?{number}")),
                author=random_.choice(AUTHORS),
                section=random_.choice((None, "Monde", "Économie & société")),
                language=random_.choice(("fr", "fr", "en", None)),
            )
        )
    return made


def commit_to(
    engine: Any,
    path: str,
    articles: Iterable[Article] = (),
    *,
    delete: Iterable[str] = (),
    attachments: Mapping[str, bytes] | None = None,
    compact: bool = False,
) -> None:
    writer = engine.open_writer(path)
    try:
        for id in delete:
            writer.delete(id)
        for article in articles:
            writer.add(article)
        writer.commit(attachments or {}, compact=compact)
    except BaseException:
        writer.rollback()
        raise


@pytest.fixture(scope="session")
def articles() -> Callable[..., list[Article]]:
    return small_articles


@pytest.fixture(scope="session")
def commit() -> Callable[..., None]:
    return commit_to


TREES = (
    Word("drones"),
    Word("président", field="title"),
    Word("monde", field="source"),
    Prefix("fra"),
    Wildcard("m*é"),
    Fuzzy("drome"),
    Phrase(("le", "président"), slop=3),
    Near(Word("armée"), Word("journal"), 8),
    And((Word("frappe"), Not(Word("hôpital")))),
    Or((Word("élection"), Word("scrutin"), Word("île"))),
    Frequent(Word("cheval"), 1),
    And((Dated(dt.date(2023, 1, 1), dt.date(2024, 12, 31)), Word("travail", loose=True))),
)
ATTACHED = ("ledger", "notes")


def everything_in(reader: Any) -> dict[str, object]:
    """All that a reader says of its index."""
    return {
        "ids": list(reader.ids()),
        "articles": sorted(reader.articles(), key=lambda article: article.id),
        "single": [reader.article(id) for id in reader.ids()],
        "matches": [
            reader.search(tree, limit=9, sort=sort) for tree in TREES for sort in ("relevance", "date")
        ],
        "first": [reader.search(tree, limit=3, counted=False).top for tree in TREES],
        "counts": [reader.frequency(Word("drones")), reader.articles_with("drone")],
        "holdings": reader.holdings(),
        "attached": [reader.attachment(name) for name in ATTACHED],
    }


@pytest.fixture(scope="session")
def everything() -> Callable[[Any], dict[str, object]]:
    return everything_in


@pytest.fixture(scope="session")
def state() -> Callable[[Any, str], dict[str, object]]:
    """All that an index says, opened, read and closed."""

    def read(engine: Any, path: str) -> dict[str, object]:
        reader = engine.open_reader(path)
        try:
            return everything_in(reader)
        finally:
            reader.close()

    return read


@pytest.fixture(scope="session")
def failing() -> ModuleType:
    """The module failing.py, by its path: tests are no packages, so no import reaches it."""
    path = Path(__file__).with_name("failing.py")
    spec = importlib.util.spec_from_file_location("failing", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
