"""What the fuzzers share: seeds and words in a temporary folder, and findings, which end a run or do not.

`--collect` as an argument goes on after a finding: the first few at each place where one arises are printed,
each with its trace and its input; all other arguments are libFuzzer's.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import atheris

FEW = 5


class Findings:
    """Runs inputs, and tells the first few that fail at each place."""

    def __init__(self, one: Callable[[bytes], None]) -> None:
        self._one = one
        self._known: Counter[str] = Counter()

    def __call__(self, data: bytes) -> None:
        """Run one input."""
        try:
            self._one(data)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is a finding
            place = place_of(error)
            self._known[place] += 1
            if self._known[place] <= FEW:
                trace = "".join(traceback.format_exception(error)[-8:])
                print(f"FINDING {self._known[place]} at {place}\n{trace}input: {data!r}", file=sys.stderr)


def place_of(error: BaseException) -> str:
    """The kind of an error and where in the product, else in the target, it arose."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "/search/" in frame.filename] or frames
    if isinstance(error, AssertionError):
        own = frames
    return f"{type(error).__name__} {Path(own[-1].filename).name}:{own[-1].name}"


def fuzz(
    name: str, one: Callable[[bytes], None], seeds: Iterable[bytes], words: Iterable[str] = (), *defaults: str
) -> None:
    """Fuzz with seeds, in a new folder to which libFuzzer adds what it learns, and a dictionary of words."""
    folder = Path(tempfile.mkdtemp(prefix=f"newsearch-fuzz-{name}-"))
    corpus, dictionary = folder / "corpus", folder / "dictionary"
    corpus.mkdir()
    for seed in seeds:
        (corpus / hashlib.sha1(seed, usedforsecurity=False).hexdigest()).write_bytes(seed)
    entries = ("".join(f"\\x{byte:02x}" for byte in word.encode()) for word in words)
    dictionary.write_text("# words\n" + "".join(f'"{entry}"\n' for entry in entries))
    arguments = [each for each in sys.argv if each != "--collect"]
    collects = len(arguments) < len(sys.argv)
    options = [f"-artifact_prefix={folder}/", f"-dict={dictionary}", *defaults]
    if not any(Path(each).is_file() for each in arguments[1:]):  # an input to run again needs no corpus
        arguments.append(str(corpus))
    atheris.Setup([arguments[0], *options, *arguments[1:]], Findings(one) if collects else one)
    atheris.Fuzz()
