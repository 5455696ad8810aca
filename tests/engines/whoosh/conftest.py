"""What tests of whole indexes share: small French articles, and a commit in one line."""

import random
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

from search.article import Article, Span

WORDS = (
    "président présidente présidents présidentielle frappe frappes frappé frappée drone drones armée armées "
    "visé visée viser Belgorod Koursk Kiev Moscou Élysée Zelensky Poutine élection élections électoral scrutin "
    "œuvre œuvres cœur naïf naïve été étés hôpital hôpitaux journal journaux travail travaux cheval chevaux "
    "manger mangé mangent nouvelle nouvelles nouveau vieux vieille îles Île où ça garçon leçon français "
    "française pro-russe porte-parole aujourd’hui l’armée d’Ukraine qu’elle jusqu’au le la les de des du un une "
    "et en à pour dans sur avec ne pas plus est sont a ont 2024 1,5 G7 COVID-19 naïvement rapidement gouverne"
).split()
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
