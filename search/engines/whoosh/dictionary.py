"""A Whoosh reader -> the archive's dictionary: its forms by their stem, and how they are written.

The term of a form begins with its stem (`repous repoussées`), so that the forms of a stem stand side by
side in the dictionary that Whoosh keeps anyway. A field of names has folded forms for terms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from ...distance import is_within
from ...expansion import Frequency, most_frequent, names_among
from ...french.analysis import fold, stem
from ...french.sounds import SHORTEST_NAME, keys

TEXT_FIELDS: Final = ("title", "body")
CAPITALS: Final = "capitals"

Frequencies = Callable[[str, str], Mapping[int, float]]
"""A field and a form -> how often it stands there, by document number."""


def forms_field(name: str) -> str:
    """The field that holds the forms of a text field."""
    return f"{name}_forms"


def form_term(form: str) -> str:
    """The term of a form in such a field."""
    return f"{stem(form)} {form}"


def whoosh_term(name: str, form: str) -> tuple[str, str]:
    """Whoosh's field and term of a form in a field of ours."""
    return (forms_field(name), form_term(form)) if name in TEXT_FIELDS else (name, form)


class NameDictionary:
    """The folded forms of fields of names, in one reader's live articles."""

    def __init__(self, leaves: Sequence[tuple[Any, int]], frequencies: Frequencies, *names: str) -> None:
        self._readers = [leaf for leaf, _ in leaves]
        self._frequencies = frequencies
        self._names = names

    def occurrences(self, form: str) -> tuple[int, int]:
        """How often a form stands there; nobody counts its capitals."""
        return self._total(form), 0

    def beginning_with(
        self, folded: str, limit: int | None = None, pattern: re.Pattern[str] | None = None
    ) -> list[Frequency]:
        """The most frequent forms whose folding begins so and, where there is a pattern, is all of it."""
        found = (form for form in self._written if fold(form).startswith(folded))
        return self._most_frequent(
            (form for form in found if not pattern or pattern.fullmatch(fold(form))), limit
        )

    def within(self, folded: str, distance: int, limit: int | None = None) -> list[Frequency]:
        """The most frequent forms whose folding is at most so many edits away."""
        found = (form for form in self._written if is_within(distance, fold(form), folded))
        return self._most_frequent(found, limit)

    def _most_frequent(self, forms: Iterable[str], limit: int | None) -> list[Frequency]:
        found = (Frequency(form, *self.occurrences(form)) for form in forms)
        return most_frequent((each for each in found if each.occurrences), limit)

    @cached_property
    def _written(self) -> list[str]:
        """All forms, those of deleted articles too: Whoosh keeps them until a merge."""
        return sorted(self._beginning(""))

    def _beginning(self, term: str) -> set[str]:
        """The forms whose term begins so."""
        return {
            found.decode().rpartition(" ")[2]
            for reader in self._readers
            for name in self._names
            for found in reader.expand_prefix(whoosh_term(name, "")[0], term)
        }

    def _alive(self, forms: Iterable[str]) -> list[str]:
        return [form for form in forms if self._total(form)]

    def _total(self, form: str) -> int:
        return round(sum(sum(self._frequencies(name, form).values()) for name in self._names))


class FormDictionary(NameDictionary):
    """The forms of the titles and bodies of one reader's live articles."""

    def __init__(self, leaves: Sequence[tuple[Any, int]], frequencies: Frequencies) -> None:
        super().__init__(leaves, frequencies, *TEXT_FIELDS)

    def forms_of_stem(self, stem: str) -> list[str]:
        """The forms with this light stem."""
        return self._alive(sorted(self._beginning(f"{stem} ")))

    def occurrences(self, form: str) -> tuple[int, int]:
        """How often a form stands in titles and bodies, and how often of these with a capital."""
        return self._total(form), round(sum(self._frequencies(CAPITALS, form).values()))

    def names_sounding(self, key: str) -> list[Frequency]:
        """The names with this key of sounds, the most frequent first."""
        return names_among(self._most_frequent(self._by_sound.get(key, ()), None))

    @cached_property
    def _by_sound(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for form in self._written:
            folded = fold(form)
            if len(folded) >= SHORTEST_NAME and folded.isascii() and folded.isalpha():
                for key in keys(folded):
                    found.setdefault(key, []).append(form)
        return found
