"""Words almost the same are those that a count of edits finds one by one."""

from collections.abc import Callable

from hypothesis import example, given
from hypothesis import strategies as st

from search.distance import distance, is_within
from search.engines.whoosh.columnar.arrays import ArrayFile
from search.engines.whoosh.columnar.edits import Neighbours
from search.engines.whoosh.columnar.strings import Strings, write_strings

WORD = st.text("abé", max_size=7) | st.text("ab😀", max_size=4) | st.text("drone", max_size=8)


@given(words=st.lists(WORD, max_size=30), wanted=WORD, most=st.integers(0, 3))
@example(words=[], wanted="a", most=2)
@example(words=["", "a", "ab"], wanted="", most=1)
@example(words=["ca", "abc", "ac"], wanted="ca", most=2)
@example(words=["drnoes", "dornes", "rdones", "dronse"], wanted="drones", most=1)
@example(words=["abab", "baba", "aabb"], wanted="baab", most=2)
def test_the_words_within_a_distance_are_those_of_the_plain_count(
    array_file: Callable[..., ArrayFile], words: list[str], wanted: str, most: int
) -> None:
    listed = sorted(words, key=str.encode)
    file = array_file(lambda writer: write_strings(writer, "words", [word.encode() for word in listed]))
    found = Neighbours(Strings(file, "words")).within(wanted, most)
    assert found.tolist() == [at for at, word in enumerate(listed) if distance(word, wanted) <= most]


LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789'éßж日😀\0 A"


@given(data=st.data(), most=st.integers(0, 2))
def test_few_edits_of_a_word_of_any_letters_are_found(
    array_file: Callable[..., ArrayFile], data: st.DataObject, most: int
) -> None:
    wanted = data.draw(st.text(LETTERS, min_size=1, max_size=14))
    words = {wanted, wanted * 9, *data.draw(st.lists(st.text(LETTERS, max_size=14), max_size=5))}
    for _ in range(data.draw(st.integers(0, 12))):
        word = wanted
        for _ in range(data.draw(st.integers(1, 3))):
            at, letter = data.draw(st.integers(0, len(word))), data.draw(st.sampled_from(LETTERS))
            swapped = word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
            more, less, other = (word[:at] + letter * n + word[at + m :] for n, m in ((1, 0), (0, 1), (1, 1)))
            word = data.draw(st.sampled_from([more, less, other, swapped]))
        words.add(word)
    listed = sorted(words, key=str.encode)
    file = array_file(lambda writer: write_strings(writer, "words", [word.encode() for word in listed]))
    found = Neighbours(Strings(file, "words")).within(wanted, most)
    assert found.tolist() == [at for at, word in enumerate(listed) if is_within(most, word, wanted)]
