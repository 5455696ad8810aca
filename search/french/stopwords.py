"""The words of grammar that a query does not insist on, unless there is nothing else in it.

Articles, pronouns, prepositions, conjunctions and the forms of être and avoir; they stay in the
index, so that a phrase can hold them. `été` is among them as the participle of être.
"""

from __future__ import annotations

from typing import Final

STOP_WORDS: Final = frozenset(
    """
    à a ai aie aient aies ait as au aura aurai auraient aurais aurait auras aurez auriez aurions
    aurons auront aux avaient avais avait avec avez aviez avions avons ayant ayez ayons c ça ce ceci
    cela celle celles celui ces cet cette ceux comme d dans de des dès donc dont du elle elles en
    entre es est et étaient étais était étant été étée étées étés êtes étiez étions eu eue eues
    eûmes eurent eus eusse eussent eusses eussiez eussions eut eût eûtes eux fûmes furent fus fusse
    fussent fusses fussiez fussions fut fût fûtes il ils j je jusqu l la là le les leur leurs lorsqu
    lui m ma mais me même mêmes mes moi mon n ne ni nos notre nous on ont or ou où par pas pour
    puisqu qu quand que quel quelle quelles quels qui quoi quoiqu s sa sans se sera serai seraient
    serais serait seras serez seriez serions serons seront ses si sienne sien soi soient sois soit
    sommes son sont soyez soyons suis sur t ta te tes toi ton tu un une vos votre vous y
    """.split()  # noqa: SIM905  a text is easier to review than 150 quoted words
)
"""Forms in lower case, with accents."""
