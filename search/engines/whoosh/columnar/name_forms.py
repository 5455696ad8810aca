"""The names of one field in some segments -> a dictionary of their forms, for the expansion of terms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ....distance import is_within
from .segment import Segment


class NameForms:
    """The folded forms of the names of live articles."""

    def __init__(self, segments: Sequence[Segment], field: str) -> None:
        self._counts: Counter[str] = Counter()
        for segment in segments:
            self._counts.update(segment.names(field).term_counts(segment.live))

    def occurrences(self, form: str) -> tuple[int, int]:
        """In how many names a form stands, and 0: names have no capitals that say anything."""
        return self._counts[form], 0

    def beginning_with(self, folded: str) -> list[str]:
        """The forms that begin so."""
        return sorted(form for form in self._counts if form.startswith(folded))

    def within(self, folded: str, most: int) -> list[str]:
        """The forms that are at most so many edits away."""
        return sorted(form for form in self._counts if is_within(most, form, folded))
