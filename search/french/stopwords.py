"""The words of grammar that a query does not insist on, unless there is nothing else in it.

Those of the Snowball project's list for French (articles, pronouns, the commonest prepositions and
conjunctions, the forms of être and avoir) and the elided particles say nothing of an article; `été` is
among them as the participle of être; `avions` and `sommes` are not, since who types them means planes and
amounts. Others are not required either, but help to rank questions.
All stay in the index, so that a phrase can hold them.
"""

from __future__ import annotations

from typing import Final

STOP_WORDS: Final = frozenset(
    """
    a à ai aie aient aies ait as au aura aurai auraient aurais aurait auras aurez auriez aurions
    aurons auront aux avaient avais avait avec avez aviez avons ayant ayez ayons c ce ceci
    cela celà ces cet cette d dans de des du elle en es est et étaient étais était étant été étée
    étées étés êtes étiez étions eu eue eues eûmes eurent eus eusse eussent eusses eussiez eussions
    eut eût eûtes eux fûmes furent fus fusse fussent fusses fussiez fussions fut fût fûtes ici il
    ils j je jusqu l la le les leur leurs lorsqu lui m ma mais me même mes moi mon n ne nos notre
    nous on ont ou par pas pour puisqu qu que quel quelle quelles quels qui quoiqu s sa sans se sera
    serai seraient serais serait seras serez seriez serions serons seront ses soi soient sois soit
    son sont soyez soyons suis sur t ta te tes toi ton tu un une vos votre vous y
    """.split()  # noqa: SIM905  a text is easier to review than 150 quoted words
)
"""Forms in lower case, with accents, that are neither required nor ranked."""

RANKING_WORDS: Final = frozenset(
    """
    ça celle celles celui ceux comme dès donc dont elles entre là mêmes ni or où quand quoi si sien sienne
    """.split()  # noqa: SIM905  as above
)
"""Forms that are not required, and rank where any word does."""
