"""The sentences of newsearch -> the catalogue of its French: newsearch.po, and newsearch.mo made of it.

    pip install Babel
    python search/locale/make_catalogue.py

Run it after a sentence was written or changed, translate in `fr/LC_MESSAGES/newsearch.po` what it lists,
and run it again. It collects what the modules pass to `Message`, the help texts of the commands and the
sentences of Typer. Translations are kept; what no module says any more stays at the end of the file,
marked `#~`; a sentence that changed a little keeps its old translation, marked `fuzzy` until someone has
read it. Only what is not fuzzy is compiled. The output is the same at every run.
"""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterator
from operator import attrgetter, itemgetter
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from search.cli import program
from search.manual import SENTENCES, help_texts

PACKAGE = Path(__file__).resolve().parent.parent
FOLDER = Path(__file__).resolve().parent / "fr" / "LC_MESSAGES"
PO, MO = FOLDER / "newsearch.po", FOLDER / "newsearch.mo"

HANDS_ON = ("search/messages.py", "search/manual.py", "search/ledger.py", "search/indexer.py")
"""Modules that make messages of templates that others wrote; elsewhere templates are literals."""

Template = str | tuple[str, str]
"""A sentence, or one for a single thing and one for several."""


class SteadyCatalogue(Catalog):
    """A catalogue whose head tells neither time nor tool, so that it changes with its sentences only."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """The head of the file."""
        return [
            ("Project-Id-Version", "newsearch"),
            ("Language", "fr"),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Plural-Forms", f"{self.plural_forms}\n"),
        ]


def main() -> None:
    """Bring the catalogue up to date, compile it, and list what is to be translated."""
    catalogue = updated(PO.read_bytes() if PO.exists() else b"")
    FOLDER.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(written(catalogue))
    MO.write_bytes(compiled(catalogue))
    missing = [each for each in catalogue if each.id and (each.fuzzy or not complete(each.string))]
    print(f"{len(catalogue):,} sentences, {len(missing):,} to be translated")
    for message in missing:
        place = message.locations[0][0] if message.locations else ""
        print(f"  {place}: {message.id!r}{' (fuzzy)' if message.fuzzy else ''}")
    sys.exit(1 if missing else 0)


def updated(po: bytes) -> SteadyCatalogue:
    """The catalogue of a .po file with the sentences of today."""
    wanted = Catalog(locale="fr")
    for template, place in sorted(collected(), key=itemgetter(1)):
        wanted.add(template, locations=[(place, 0)])
    known = read(po)
    known.update(wanted)
    return known


def read(po: bytes) -> SteadyCatalogue:
    """A .po file."""
    catalogue = SteadyCatalogue(locale="fr", header_comment="# The French of newsearch.", fuzzy=False)
    if po:
        told = read_po(io.BytesIO(po), locale="fr")
        for message in told:
            if message.id:
                catalogue[message.id] = message
        catalogue.obsolete = told.obsolete
    return catalogue


def written(catalogue: Catalog) -> bytes:
    """A catalogue as a .po file."""
    out = io.BytesIO()
    # Without the numbers of lines, which change with every edit of a module.
    write_po(out, catalogue, width=110, include_lineno=False)
    return out.getvalue()


def compiled(catalogue: Catalog) -> bytes:
    """A catalogue as a .mo file."""
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def complete(translation: str | tuple[str, ...] | list[str] | None) -> bool:
    """Whether a sentence, or each of its forms, has a translation."""
    return bool(translation) if isinstance(translation, str) else bool(translation and all(translation))


def collected() -> Iterator[tuple[Template, str]]:
    """Every template, and the module that it comes from."""
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE.parent).as_posix()
        for template in in_module(path.read_text(encoding="utf-8"), place):
            yield template, place
    yield from ((text, "search/cli.py") for text in help_texts(program("en")))
    yield from ((sentence, "search/manual.py") for sentence in SENTENCES)


def in_module(source: str, place: str) -> Iterator[Template]:
    """The templates of a module: the literals that it passes to `Message`."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    for node in sorted(calls, key=attrgetter("lineno", "col_offset")):
        if called(node) == "Message":
            match [argument.value if isinstance(argument, ast.Constant) else None for argument in node.args]:
                case [str(template)]:
                    yield template
                case [str(single), str(several)]:
                    yield single, several
                case _ if place not in HANDS_ON:
                    raise SystemExit(f"{place}:{node.lineno}: a Message takes one literal, or two")


def called(node: ast.Call) -> str:
    """The name of what is called, without what it belongs to."""
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


if __name__ == "__main__":
    main()
