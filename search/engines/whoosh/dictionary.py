"""A Whoosh reader -> the archive's dictionary: its forms by their stem, and how they are written.

The term of a form begins with its stem (`repous repoussées`), so that the forms of a stem stand side by
side in the dictionary that Whoosh keeps anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ...french.analysis import stem

TEXT_FIELDS: Final = ("title", "body")
CAPITALS: Final = "capitals"


def forms_field(name: str) -> str:
    """The field that holds the forms of a text field."""
    return f"{name}_forms"


def form_term(form: str) -> str:
    """The term of a form in such a field."""
    return f"{stem(form)} {form}"


class FormDictionary:
    """The forms of one reader's live articles; `frequencies` gives a term's by document number."""

    def __init__(
        self,
        leaves: Sequence[tuple[Any, int]],
        frequencies: Callable[[str, str], Mapping[int, float]],
    ) -> None:
        self._readers = [leaf for leaf, _ in leaves]
        self._frequencies = frequencies

    def forms_of_stem(self, stem: str) -> list[str]:
        """The forms with this light stem."""
        prefix = f"{stem} "
        found = {
            term.decode()[len(prefix) :]
            for reader in self._readers
            for name in TEXT_FIELDS
            for term in reader.expand_prefix(forms_field(name), prefix)
        }
        # Whoosh keeps the terms of deleted articles until a merge.
        return sorted(form for form in found if self.occurrences(form)[0])

    def occurrences(self, form: str) -> tuple[int, int]:
        """How often a form stands in titles and bodies, and how often of these with a capital."""
        everywhere = sum(self._total(forms_field(name), form_term(form)) for name in TEXT_FIELDS)
        return everywhere, self._total(CAPITALS, form)

    def _total(self, field: str, term: str) -> int:
        return round(sum(self._frequencies(field, term).values()))
