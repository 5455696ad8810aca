"""Which other spellings a word is searched by, on both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from search.article import Article
from search.engine import _MODULES, Reader, load
from search.french.aliases import Aliases, packaged
from search.gazetteer import Gazetteer, Names
from search.limits import SPELLINGS
from search.variants import variants

NEWS = """
    Des drones ont survolé Koursk et Belgorod. À Kiev, Volodymyr Zelensky a parlé. Mouammar Kadhafi est mort.
    Les Parisiens attendent Vladimir Poutine. À Pékin, Xi Jinping reçoit Netanyahou. La fête de Noureddine.
    Selon Dupond, Boukhara est belle. Le président attend à Dniepropetrovsk. Présidents et capitales.
    Varsovie est une ville. Le maire de Koursk et celui de Zaporijia attendent. Leurs attaques, leurs routes.
"""


class Places(Gazetteer):
    """A gazetteer of a few places."""

    def __init__(self, *places: Names) -> None:
        super().__init__("")
        self._places = places

    def names_of(self, folded: str) -> list[Names]:
        return [place for place in self._places if folded in place.names]


PLACES = Places(
    Names(("warsaw", "warszawa", "varsovie", "mazowsze"), True),
    Names(("belgorod", "bilhorod", "zhmerivka"), False),
    Names(("bukhara", "boukhara", "buxoro"), True),
)


@pytest.fixture(scope="module", params=sorted(_MODULES))
def reader_of(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Reader]]:
    """Makes a reader of an archive of these texts, in each engine."""
    engine = load(request.param)
    opened: list[Reader] = []

    def made(*texts: str) -> Reader:
        path = str(tmp_path_factory.mktemp("archive"))
        engine.create(path)
        writer = engine.open_writer(path)
        for number, text in enumerate(texts):
            writer.add(Article(f"{number}", "", text))
        writer.commit({})
        opened.append(engine.open_reader(path))
        return opened[-1]

    yield made
    for reader in opened:
        reader.close()


@pytest.fixture(scope="module")
def reader(reader_of: Callable[..., Reader]) -> Reader:
    return reader_of(NEWS)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("koursc", ("koursk",)),
        ("kursk", ("koursk",)),
        ("selenskyj", ("zelensky",)),
        ("qadhafi", ("kadhafi",)),
        ("netanyahu", ("netanyahou",)),
        ("nourredine", ("noureddine",)),
        ("zaporizhzhya", ("zaporijia",)),
    ],
)
def test_a_name_that_the_archive_lacks_is_searched_as_it_sounds(
    reader: Reader, typed: str, found: tuple[str, ...]
) -> None:
    assert variants(typed, reader, Aliases()) == found


@pytest.mark.parametrize(
    "typed",
    [
        "koursk",  # the archive has it, and nothing else like it
        "attaquer",  # a word of French
        "presidant",  # a slip of one
        "kou",  # too short to tell
        "kiew",  # as above: `k`, `v` and a vowel
        "le",
        "2024",
        "日本語大学",
        "",
    ],
)
def test_other_words_are_searched_as_they_are(reader: Reader, typed: str) -> None:
    assert variants(typed, reader, Aliases()) == ()


def test_an_alias_is_searched_wherever_the_archive_has_it(reader: Reader) -> None:
    assert variants("kyiv", reader, packaged()) == ("kiev",)
    assert variants("beijing", reader, packaged()) == ("pékin",)
    assert variants("kiev", reader, packaged()) == ()


def test_an_alias_needs_no_rare_word(reader_of: Callable[..., Reader]) -> None:
    reader = reader_of(*["Kiev dort."] * 9, *["Kyiv veille."] * 9)
    assert variants("kiev", reader, packaged()) == ("kyiv",)
    assert variants("kyiv", reader, packaged()) == ("kiev",)


def test_sounds_are_for_rare_words_alone(reader_of: Callable[..., Reader]) -> None:
    articles = ["On revoit Massoud."] * 9 + ["On attend Masoud."] * 3
    assert variants("masoud", reader_of(*articles), Aliases()) == ("massoud",)
    assert variants("masoud", reader_of(*articles, "Masoud est venu."), Aliases()) == ()
    assert variants("massoud", reader_of(*articles), Aliases()) == (), "the rarer one is not what was meant"


def test_a_word_that_the_archive_has_is_hardly_another_name(reader_of: Callable[..., Reader]) -> None:
    reader = reader_of(*["On revoit Durand à Nimègue."] * 9, "On attend Durant.")
    assert variants("durant", reader_of("On revoit Durand."), Aliases()) == ()  # a word of French
    assert variants("durrand", reader, Aliases()) == ("durand",)
    reader = reader_of(*["On revoit Casenove."] * 9, "On attend Cazenave.")
    assert variants("cazenave", reader, Aliases()) == ()


def test_only_names_are_found(reader_of: Callable[..., Reader]) -> None:
    reader = reader_of("Une roubatchka usée, et deux roubatchka neuves. Roubatchka !")
    assert variants("rubachka", reader, Aliases()) == ()
    reader = reader_of("Ici Roubatchka parle. Chez Roubatchka on mange, sans roubatchka non.")
    assert variants("rubachka", reader, Aliases()) == ("roubatchka",)


def test_a_place_is_searched_by_its_other_names(reader: Reader) -> None:
    assert variants("mazowsze", reader, Aliases(), PLACES) == ("varsovie",)
    assert variants("mazowsze", reader, Aliases()) == ()
    assert variants("buxoro", reader, Aliases(), PLACES) == ("boukhara",)
    assert variants("bilhorod", reader, Aliases(), PLACES) == ("belgorod",)


def test_a_small_place_is_not_searched_by_a_former_name(reader: Reader) -> None:
    assert variants("zhmerivka", reader, Aliases(), PLACES) == ()


def test_spellings_with_other_accents_are_not_other_spellings(reader_of: Callable[..., Reader]) -> None:
    reader = reader_of("À Pékin et à Pekin.")
    assert variants("pekin", reader, packaged(), PLACES) == ()
    assert variants("beijing", reader, packaged(), PLACES) == ("pekin", "pékin")


def test_they_are_few_and_the_best_come_first(reader_of: Callable[..., Reader]) -> None:
    names = ["Souleymane", "Suleyman", "Souleiman", "Sulaiman", "Soulayman", "Soleiman", "Souliman"]
    names += ["Sulaimane", "Suleymann", "Souleïmane"]
    reader = reader_of(*[f"On revoit {name}." for name in names], *["Ici Suleïman parle."] * 9)
    found = variants("sulleyman", reader, Aliases())
    assert len(found) == SPELLINGS
    assert {"suleyman", "suleïman"} <= set(found[:4])


def test_a_capital_that_lacks_its_accent_makes_no_name_of_a_word(reader_of: Callable[..., Reader]) -> None:
    reader = reader_of("Le vote. " + "Elections à Koursk. " * 9)
    assert variants("elekcions", reader, Aliases()) == ()


def test_a_word_two_slips_away_that_is_far_more_frequent_was_meant_rather(
    reader_of: Callable[..., Reader],
) -> None:
    reader = reader_of("Alésiens et Alésiens. " + "des élections, " * 99)
    assert variants("elexions", reader, Aliases()) == ()
    assert variants("elexions", reader_of("Alésiens et Alésiens."), Aliases()) == ("alésiens",)
