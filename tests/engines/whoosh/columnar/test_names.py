"""Names of articles come back, and their words are found where they stand."""

from collections import Counter
from collections.abc import Callable

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from search.engines.whoosh.columnar.arrays import ArrayFile, ArrayFileWriter
from search.engines.whoosh.columnar.names import NAME_FIELDS, SEARCHED, Names, write_names
from search.french.analysis import fold
from search.french.tokens import forms

Files = Callable[[Callable[[ArrayFileWriter], None]], ArrayFile]

NAME = st.none() | st.sampled_from(
    ["", "…", "Le Monde", "monde", "L’Élysée", "Sud Ouest, Ouest", "日本", "a\nb"]
)
NAMES = st.lists(NAME | st.text(st.characters(exclude_categories=["Cs"]), max_size=6), max_size=12)


def kept(array_file: Files, names: list[str | None], field: str = "source") -> Names:
    return Names(array_file(lambda file: write_names(file, field, names)), field)


def words(name: str) -> list[str]:
    return [fold(form) for form in forms(name)]


@given(names=NAMES, data=st.data())
@example(names=[], data=None)
@example(names=[None, None], data=None)
@example(names=["…"], data=None)
def test_names_come_back_and_are_found_by_their_words(
    array_file: Files, names: list[str | None], data: st.DataObject | None
) -> None:
    kind = kept(array_file, names)
    distinct = list(dict.fromkeys(name for name in names if name is not None))
    assert [kind.of(doc) for doc in range(len(names))] == names
    assert kind.count() == len(distinct)
    assert kind.exist == bool(distinct)
    assert kind.name(0) is None
    assert [kind.name(number) for number in range(1, len(distinct) + 1)] == distinct
    assert kind.terms == sorted({word for name in distinct for word in words(name)})

    every = [*kind.terms, "absent"]
    wanted = set(data.draw(st.lists(st.sampled_from(every)))) if data else set(every)
    assert kind.keys(wanted).tolist() == [
        number << 32 | place
        for number, name in enumerate(distinct, 1)
        for place, word in enumerate(words(name))
        if word in wanted
    ]
    some = [number for number in range(1, len(distinct) + 1) if number % 2]
    assert kind.docs(some).tolist() == [
        doc for doc, name in enumerate(names) if name is not None and distinct.index(name) + 1 in some
    ]

    live = np.array([data.draw(st.booleans()) if data else False for _ in names], bool)
    assert kind.term_counts(None) == Counter(
        word for name in names if name is not None for word in words(name)
    )
    held = [name for name, here in zip(names, live, strict=True) if here and name is not None]
    assert kind.term_counts(live) == Counter(word for name in held for word in words(name))


def test_a_field_that_is_not_searched_keeps_its_names_alone(array_file: Files) -> None:
    (unsearched,) = set(NAME_FIELDS) - set(SEARCHED)
    kind = kept(array_file, ["fr", None, "de"], unsearched)
    assert [kind.of(doc) for doc in range(3)] == ["fr", None, "de"]
    assert kind.terms == []
    assert kind.keys({"fr"}).tolist() == []
    assert kind.term_counts(None) == {}


def test_fields_of_one_file_are_apart(array_file: Files) -> None:
    file = array_file(
        lambda writer: [write_names(writer, "source", ["Le Monde"]), write_names(writer, "author", [None])]
    )
    assert Names(file, "source").of(0) == "Le Monde"
    assert Names(file, "author").of(0) is None
    assert not Names(file, "path").exist


def test_more_names_than_a_byte_can_number_come_back(array_file: Files) -> None:
    names: list[str | None] = [f"Source {number % 70_000}" for number in range(70_010)]
    kind = kept(array_file, names)
    assert [kind.of(doc) for doc in (0, 255, 256, 65_535, 65_536, 69_999, 70_000)] == [
        f"Source {number}" for number in (0, 255, 256, 65_535, 65_536, 69_999, 0)
    ]
    assert kind.docs([1]).tolist() == [0, 70_000]
    (key,) = kind.keys({"65536"}).tolist()
    assert key == 65_537 << 32 | 1
