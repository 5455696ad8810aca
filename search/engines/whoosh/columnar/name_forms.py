"""The names of one field in some segments -> a dictionary of their forms, for the expansion of terms."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from ....distance import is_within
from ....expansion import Frequency, most_frequent
from .segment import Segment


class NameForms:
    """The folded forms of the names of live articles."""

    def __init__(self, segments: Sequence[Segment], field: str) -> None:
        self._counts: Counter[str] = Counter()
        for segment in segments:
            self._counts.update(segment.names(field).term_counts(segment.live))

    def occurrences(self, form: str) -> tuple[int, int]:
        """How often a form stands in names of articles, and 0: names have no capitals that say anything."""
        return self._counts[form], 0

    def beginning_with(
        self, folded: str, limit: int | None = None, pattern: re.Pattern[str] | None = None
    ) -> list[Frequency]:
        """The most frequent forms that begin so and, where there is a pattern, are all of it."""
        found = (form for form in self._counts if form.startswith(folded))
        return self._most_frequent((form for form in found if not pattern or pattern.fullmatch(form)), limit)

    def within(self, folded: str, distance: int, limit: int | None = None) -> list[Frequency]:
        """The most frequent forms that are at most so many edits away."""
        return self._most_frequent(
            (form for form in self._counts if is_within(distance, form, folded)), limit
        )

    def _most_frequent(self, forms: Iterable[str], limit: int | None) -> list[Frequency]:
        return most_frequent((Frequency(form, self._counts[form], 0) for form in forms), limit)
