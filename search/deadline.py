"""The moment by which a query ends, with what it has found until then."""

from __future__ import annotations

import math
import time
from typing import Final


class OutOfTimeError(Exception):
    """Raised where work stops that cannot be left half done; whoever asked has nothing of it."""


class Deadline:
    """A moment of the monotonic clock; `cut` tells that something was left out because of it."""

    def __init__(self, seconds: float = math.inf) -> None:
        self._at = time.monotonic() + seconds
        self.cut = False

    def passed(self) -> bool:
        """Whether what is left must be left out; if so, `cut` from now on."""
        if time.monotonic() > self._at:
            self.cut = True
        return self.cut

    def check(self) -> None:
        """Raise OutOfTimeError if it has passed."""
        if self.passed():
            raise OutOfTimeError

    def extend(self, seconds: float) -> None:
        """Give more time to what is still to be done."""
        self._at += seconds


NEVER: Final = Deadline()
