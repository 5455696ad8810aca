"""Two words -> how many edits lie between them, by Damerau's count of edits.

An edit is a letter more, a letter less, another letter, or two neighbours swapped (Damerau, A technique for
computer detection and correction of spelling errors, CACM 1964), and no letter is edited twice (the optimal
string alignment).
"""

from __future__ import annotations


def distance(one: str, other: str) -> int:
    """The least number of edits that turn one word into the other; takes len(one) x len(other) steps."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, opposite in enumerate(other, 1):
            steps = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != opposite))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == opposite:
                steps = min(steps, before[j - 2] + 1)
            row.append(steps)
        before, last = last, row
    return last[-1]


def is_within(most: int, one: str, other: str) -> bool:
    """Whether no more than so many edits lie between two words."""
    return abs(len(one) - len(other)) <= most and distance(one, other) <= most
