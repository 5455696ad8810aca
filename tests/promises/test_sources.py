"""C1, C2: whatever lies in a folder is accepted or refused with a reason, at a bounded cost."""

from __future__ import annotations

import codecs
import io
import json
import os
import random
import re
import resource
import shutil
import socket
import stat
import subprocess
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from search import Article, create_index, indexer, open_index
from search.errors import ArticleError
from search.limits import FILE_BYTES, FRONT_MATTER_CHARACTERS, ID_CHARACTERS, LINE_BYTES
from search.sources import reading
from search.sources.draft import Draft, Refusal
from search.sources.registry import formats
from search.sources.walk import walk

if TYPE_CHECKING:
    from conftest import Promise

SCRIPT = Path(sys.executable).parent / "newsearch"
MEMORY = 2 << 30
"""Bytes of address space that the command may have, libraries and mapped files among them."""

HANGS = 300
"""Seconds after which a process is taken to hang."""

TAG = re.compile(r"h(\d{5})")
"""What each hostile file has in its name, so that a line about it can be told to be."""

ENCODINGS: dict[str, tuple[str, bytes]] = {
    "utf-8": ("utf-8", b""),
    "utf-8 with a mark": ("utf-8", codecs.BOM_UTF8),
    "utf-16-le with a mark": ("utf-16-le", codecs.BOM_UTF16_LE),
    "utf-16-be with a mark": ("utf-16-be", codecs.BOM_UTF16_BE),
    "utf-32-le with a mark": ("utf-32-le", codecs.BOM_UTF32_LE),
    "utf-32-be with a mark": ("utf-32-be", codecs.BOM_UTF32_BE),
    "utf-16-le without": ("utf-16-le", b""),
    "windows-1252": ("cp1252", b""),
    "latin-1": ("latin-1", b""),
    "latin-9": ("iso8859-15", b""),
    "mac-roman": ("mac-roman", b""),
    "cp850": ("cp850", b""),
}
"""A name, the codec and the mark before the text."""

READABLE = {name for name in ENCODINGS if "mark" in name} | {"utf-8", "windows-1252", "latin-1"}
"""The encodings that newsearch reads: in these each text is found by its word with an accent."""

STEMS = ("Évreux", "Orléans", "Besançon", "Nîmes", "Béziers", "Châlons", "Mâcon", "Sète", "Alès", "Laïta")
ENDINGS = ("évacué", "repoussée")


@dataclass(frozen=True, slots=True)
class Corpus:
    """A folder, and what is to become of each hostile file in it, by its number."""

    folder: Path
    rng: random.Random
    told: dict[int, str] = field(default_factory=dict)
    """What each is."""
    fate: dict[int, str] = field(default_factory=dict)
    """`accepted`, `refused` or `either`."""
    words: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """The words by which it is found, and nothing else is."""

    def name(self, told: str, fate: str, suffix: str, before: str = "") -> bytes:
        """The name for one more file."""
        number = len(self.told)
        self.told[number], self.fate[number] = told, fate
        return os.fsencode(f"{before}h{number:05}{suffix}")

    def path(self, told: str, fate: str, suffix: str, before: str = "") -> bytes:
        """The path for one more file."""
        return os.path.join(os.fsencode(self.folder), self.name(told, fate, suffix, before))

    def file(self, told: str, fate: str, suffix: str, data: bytes | str) -> bytes:
        """One more file."""
        path = self.path(told, fate, suffix)
        with open(path, "wb") as file:
            file.write(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)
        return path


def encoded_texts(corpus: Corpus) -> None:
    """Each of twenty texts in each of twelve encodings."""
    for encoding, (codec, mark) in ENCODINGS.items():
        for stem in STEMS:
            for ending in ENDINGS:
                number = len(corpus.told)
                word = f"{stem}{number}x"
                text = f"L’été à {word}\n\nLa ville est {ending}, dit « Zoé ».\n"
                data = mark + text.encode(codec, "replace")
                corpus.file(encoding, "accepted" if encoding in READABLE else "either", ".txt", data)
                if encoding in READABLE:
                    corpus.words[number] = (word, word.translate(str.maketrans("Éîâèï", "Eiaei")))


def large_files(corpus: Corpus, full: bool) -> None:
    """What is too large for one text, and lines without end."""
    with open(corpus.path("a file of nothing but holes", "refused", ".txt"), "wb") as file:
        file.truncate(100 << 20 if full else FILE_BYTES + 1)
    line = (50 << 20) if full else LINE_BYTES + 1
    words = b"mots sans fin de ligne " * 4
    whole = words * (line // len(words) + 1)
    with open(corpus.path("a line too long, in lines", "either", ".jsonl"), "wb") as file:
        file.write(b'{"title": "Avant"}\n{"title": "Trop", "body": "')
        file.write(whole)
        file.write(b'"}\n{"title": "Apres"}\n')
    corpus.file("text in one line", "accepted", ".txt", b"Un titre\n\n" + whole[: line if full else 4 << 20])
    if full:
        corpus.file("text above the size", "refused", ".txt", b"mot " * (FILE_BYTES // 4 + 1))
    corpus.file("a word without end", "accepted", ".txt", b"Un titre\n\n" + b"a" * (4 << 20))
    corpus.file("marks without end", "accepted", ".txt", "Un titre\n\ne" + "\u0301" * (1 << 20))
    corpus.file("blank lines without end", "accepted", ".txt", b"Un titre" + b"\n \t" * (1 << 20) + b"Fin\n")
    corpus.file("white space without end", "refused", ".txt", b" \t\n\r" * (1 << 19))
    corpus.file("no-break spaces without end", "refused", ".txt", "\u00a0\u2003\u3000" * (1 << 18))
    corpus.file("quotes without end", "accepted", ".txt", "Titre\n\n" + "l'" * (1 << 19))


def bombs(corpus: Corpus, full: bool) -> None:
    """What is small on the disk and large, deep or slow where it is taken for what it says it is."""
    laughs = "".join(f' <!ENTITY e{n} "{f"&e{n - 1};" * 10}">\n' for n in range(1, 10))
    xml = f'<?xml version="1.0"?>\n<!DOCTYPE l [\n <!ENTITY e0 "ha">\n{laughs}]>\n<l>&e9;</l>\n'
    for suffix, fate in (
        (".txt", "accepted"),
        (".xml", "refused"),
        (".md", "accepted"),
        (".json", "refused"),
    ):
        corpus.file("an XML bomb", fate, suffix, xml)
    page = "<!doctype html><title>Une page</title><script>while (1);</script><p>Un texte"
    for suffix, fate in ((".txt", "accepted"), (".xml", "refused"), (".html", "refused")):
        corpus.file("a web page", fate, suffix, page)
    zipped = b"PK\x03\x04\x14\0\0\0\x08\0" + bytes(corpus.rng.randrange(256) for _ in range(4096))
    gzipped = b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + bytes(1000)
    for suffix, fate in ((".txt", "refused"), (".json", "refused"), (".md", "refused"), (".jsonl", "either")):
        corpus.file("a zip", fate, suffix, zipped)
        corpus.file("a gzip", fate, suffix, gzipped)
    deep = 100_000
    for told, text in {
        "deep lists": "[" * deep + "]" * deep,
        "deep lists, open": "[" * deep,
        "deep objects": '{"a":' * deep + "1" + "}" * deep,
        "a long number": "9" * deep,
        "a long number as a title": f'{{"title": {"9" * deep}}}',
        "a great float": '{"title": 1e99999, "body": "x"}',
        "no number": '{"title": NaN}',
    }.items():
        for suffix in (".json", ".jsonl"):
            fate = "accepted" if told == "a great float" else "refused"
            corpus.file(told, fate, suffix, text)
    corpus.file(
        "deep below a key", "refused", ".json", '{"title": "x", "tags": ' + "[" * deep + "]" * deep + "}"
    )
    laughs = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    corpus.file(
        "aliases of aliases",
        "accepted",
        ".md",
        f"---\na0: &a0 [lol]\n{laughs}title: Rire\ntags: *a11\nauthors: [*a11, *a10]\n---\nUn texte\n",
    )
    laughs = "".join(
        f"a{n}: &a{n} {{{', '.join(f'k{k}: *a{n - 1}' for k in range(9))}}}\n" for n in range(1, 12)
    )
    corpus.file(
        "aliases of objects",
        "accepted",
        ".md",
        f"---\na0: &a0 {{k: v}}\n{laughs}title: Rire\n<<: *a11\n---\nUn texte\n",
    )
    corpus.file("an alias of itself", "either", ".md", "---\ntitle: &a [*a]\nbody: *a\n---\nUn texte\n")
    corpus.file(
        "an author that is himself", "either", ".md", "---\ntitle: x\nauthor: &a [*a, b]\n---\nUn texte\n"
    )
    corpus.file("a key of a list", "accepted", ".md", "---\n? [a, b]\n: c\ntitle: x\n---\nUn texte\n")
    corpus.file("deep front matter", "either", ".md", f"---\ntitle: {'[' * 30_000}\n---\nUn texte\n")
    corpus.file("indented front matter", "either", ".md", "---\n" + "- " * 30_000 + "x\n---\nUn texte\n")
    corpus.file(
        "tags of Python", "either", ".md", "---\ntitle: !!python/object/apply:os.getcwd []\n---\nUn texte\n"
    )
    corpus.file(
        "huge front matter",
        "refused",
        ".md",
        f"---\ntitle: x\nkey: {'y' * FRONT_MATTER_CHARACTERS}\n---\nz\n",
    )
    corpus.file("front matter without end", "accepted", ".md", "---\ntitle: x\n" + "key: y\n" * deep)
    many = 65_000 // 8
    corpus.file(
        "many keys", "accepted", ".md", "---\n" + "".join(f"k{n}: v\n" for n in range(many // 2)) + "---\nz\n"
    )


def knots(corpus: Corpus, deep: int) -> None:
    """Markdown that a reader of it is slow over: each of its words is found in spite of that."""
    wide = deep // 50
    for told, text in {
        "quotes": "> " * deep + "x",
        "quotes without spaces": ">" * deep + "x",
        "brackets": "[" * deep,
        "pairs of brackets": "[" * deep + "]" * deep,
        "lines of brackets": "[a\n" * deep,
        "brackets and parens": "[](" * deep,
        "pictures": "![" * deep,
        "stars": "*a " * deep,
        "stars and underscores": "*_" * deep + "a" + "_*" * deep,
        "backticks": "".join("`" * number + " " for number in range(1, 500)),
        "lists": "".join(" " * number + "* a\n" for number in range(400)),
        "lists in a line": "- " * deep + "x",
        "numbers": "1. " * deep + "x",
        "links to nowhere": "[a]: b\n" * (deep // 5),
        "references": "[a][b]" * (deep // 5),
        "tags": "<a " * deep,
        "blocks": "<div " * deep,
        "tags in a block": "<div>\n" + "<a b='" * deep,
        "ends of tags": "<div>\n" + "</a " * deep,
        "scripts": "<div>\n" + "<script" * deep + "</script>\n",
        "comments": "<!-- " * deep,
        "sections": "<![CDATA[" * deep,
        "sections in a line": "x <![CDATA[" * deep,
        "declarations": "<!x " * deep,
        "entities": "&amp;" * deep,
        "tables": "|a" * wide + "\n" + "|-" * wide + "\n" + ("|b" * wide + "\n") * 5,
        "tables without cells": "|a" * (wide * 10) + "\n" + "|-" * (wide * 10) + "\n" + "x\n" * wide,
        "wiki links": "[[" * deep,
        "wiki links with names": "a [[b|" * deep,
        "highlights": "==a" * deep,
        "escapes": "\\" * deep,
        "angles": "<" * deep,
        "headings": "a\n" * deep + "===",
        "fences": "```\n" * (deep * 2),
    }.items():
        for first in ("", "mot "):
            number = len(corpus.told)
            corpus.words[number] = f"début{number}x", f"fin{number}x"
            begun, ended = corpus.words[number]
            whole = f"# {begun}\n\n{first}{text}\n\n{ended}\n"
            corpus.file(f"Markdown: {told}", "accepted", ".md", whole)


def odd_records(corpus: Corpus) -> None:
    """Dates that are none, ids twice, values of other kinds, texts that are none."""
    dates = [
        *("0000-00-00", "2024-13-45", "99999-01-01", "-2024", "le 45 brumaire 9999", "1e400", "NaN", "٢٠٢٤"),
        *("2024-02-30", "1799999999999999999", "31/02/2024", "Thu, 99 Jan 99999 99:99:99 +9999", "32 mars"),
        *(":" * 5000, "1" * 5000, "Mon, 01 Jan 2024 00:00:00 +" + "9" * 20, ", ,", "\x00\x1b[2J"),
    ]
    for date in dates:
        corpus.file(
            "an absurd date",
            "accepted",
            ".json",
            json.dumps({"title": f"Date {len(corpus.told)}", "date": date}),
        )
        quoted = json.dumps(date)
        corpus.file(
            "an absurd date",
            "accepted",
            ".md",
            f"---\ntitle: Date\ndate: {quoted}\n---\n{len(corpus.told)}\n",
        )
        fate = "refused" if "\0" in date else "accepted"
        corpus.file("an absurd date", fate, ".txt", f"date {date} Un titre {len(corpus.told)}\n\nTexte\n")
    same = '{"id": "même", "title": "Deux fois", "body": "le sien"}'
    corpus.file("an id in two files", "accepted", ".json", same)
    corpus.file("an id in two files", "refused", ".json", same.replace("sien", "vôtre"))
    corpus.file("ids twice in a file", "accepted", ".jsonl", f"{same.replace('même', 'x')}\n" * 3)
    for id in (
        "",
        " ",
        "\u200b",
        "x" * (ID_CHARACTERS + 1),
        "a\x1b[2J",
        "\u202eab",
        7,
        1e300,
        True,
        None,
        [],
        {},
        ["a"],
    ):
        text = json.dumps({"id": id, "title": f"Id {len(corpus.told)}"})
        corpus.file("an odd id", "either", ".json", text)
    for value in (
        None,
        True,
        0,
        [],
        {},
        [[]],
        [{}],
        {"name": {}},
        {"#text": [1]},
        "\ud800",
        "\\ud800",
        "\0",
        "\ufeff",
    ):
        for key in ("title", "body", "source", "url", "author", "language", "section", "tags"):
            text = json.dumps({"headline": f"Valeur {len(corpus.told)}", key: value})
            corpus.file("an odd value", "either", ".json", text)
    for text in (
        '{"title": "\\ud800"}',
        '{"title": "\\udfff\\ud800 mot"}',
        '{"\\ud800": 1, "title": "Clef"}',
    ):
        corpus.file(
            "a lone surrogate", "accepted", ".json", text.replace("}", f', "body": "{len(corpus.told)}"}}')
        )
    for url in (
        "http://[",
        "http://[::1",
        "//\ud800",
        "http://a:b:c",
        "javascript:alert(1)",
        "http://" + "x" * 10**5,
    ):
        text = json.dumps({"title": f"Adresse {len(corpus.told)}", "source": url, "url": url})
        corpus.file("an odd address", "accepted", ".json", text)
    corpus.file("nothing", "refused", ".txt", b"")
    corpus.file("nothing but a mark", "refused", ".txt", codecs.BOM_UTF8)
    corpus.file("nothing but a mark", "refused", ".txt", codecs.BOM_UTF16_LE)
    corpus.file("nothing but a mark", "refused", ".md", codecs.BOM_UTF8 + b"---\n---\n")
    corpus.file("half a character", "either", ".txt", codecs.BOM_UTF16_LE + b"a\0b")
    corpus.file("a surrogate in UTF-16", "either", ".txt", codecs.BOM_UTF16_LE + b"a\0\0\xd8b\0")
    corpus.file("a surrogate in UTF-8", "accepted", ".txt", "Un \ud800 titre\n")
    corpus.file("beyond Unicode", "either", ".txt", codecs.BOM_UTF32_LE + b"\xff\xff\xff\xff")
    for place in range(5):
        data = bytearray(b"Titre\n\nTexte avec un NUL\n")
        data.insert(place * 6, 0)
        corpus.file("a NUL", "refused", ".txt", bytes(data))
    corpus.file("a NUL", "refused", ".json", b'{"title": "a\0b"}')
    corpus.file("a NUL", "accepted", ".json", b'{"title": "un \\u0000 zero"}')


def odd_names(corpus: Corpus) -> None:
    """Names that are no text, too long, or written to mislead."""
    names = ["new\nline", "cr\rline", "tab\t", " blank", "-dash", "--prune", "~", "*", "$(id)", "'\"", "a\\b"]
    names += [
        "rtl\u202etxt",
        "\u200b",
        "é",
        unicodedata.normalize("NFD", "é"),
        "\x1b[2J",
        "\x07",
        "\u2028",
        "{x}",
        "%s",
    ]
    for before in names:
        with open(corpus.path("an odd name", "accepted", ".txt", before), "wb") as file:
            file.write(f"Nom {len(corpus.told)}\n\nUn texte\n".encode())
    if sys.platform == "linux":  # elsewhere names are UTF-8
        for before in (b"\xff", b"\xc3", b"\x80\x1b[2J", b"\xed\xa0\x80"):
            name = before + corpus.name("a name that is no text", "accepted", ".txt")
            Path(os.fsdecode(os.path.join(os.fsencode(corpus.folder), name))).write_text(
                f"Octet {len(corpus.told)}\n"
            )
        name = os.fsdecode(corpus.name("a name of 255 bytes", "accepted", ".txt"))
        (corpus.folder / name.rjust(255, "x")).write_text(f"Long {len(corpus.told)}\n")
    deep = corpus.folder
    for _ in range(8):
        deep /= "y" * 200
    deep.mkdir(parents=True)
    with_name = deep / os.fsdecode(corpus.name("a long path", "accepted", ".txt"))
    with_name.write_text(f"Profond {len(corpus.told)}\n")
    for suffix in ("", ".", ".TXT ", ".txt\n", ".exe", ".txt.gz", "." + "s" * 100):
        (corpus.folder / os.fsdecode(corpus.name("no ending that is known", "refused", suffix))).write_text(
            "Texte\n"
        )


def no_files(corpus: Corpus) -> None:
    """Links, queues, sockets, devices: whatever would never end, or leads elsewhere."""

    def at(told: str, fate: str = "refused", suffix: str = ".txt") -> str:
        return os.fsdecode(corpus.path(told, fate, suffix))

    os.symlink("/dev/zero", at("a link to a device"))
    os.symlink("/dev/stdin", at("a link to standard input"))
    os.symlink("/dev/fd/0", at("a link to standard input"))
    os.symlink("/nowhere/at/all", at("a link to nothing"))
    os.symlink(os.pardir, at("a link upwards"))
    one, other = at("a loop of links"), at("a loop of links")
    os.symlink(one, other)
    os.symlink(other, one)
    itself = at("a link to itself")
    os.symlink(os.path.basename(itself), itself)
    os.mkfifo(at("a queue"))
    os.mkfifo(at("a queue", suffix=".jsonl"))
    # A socket's path may have no more than a hundred bytes or so; its name here does not count.
    here = os.getcwd()
    os.chdir(corpus.folder)
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(os.path.basename(at("a socket")))
    finally:
        os.chdir(here)
    loop = corpus.folder / "loop"
    loop.mkdir()
    (loop / "up").symlink_to("..")
    (loop / "itself").symlink_to("../loop")


def devices(corpus: Corpus) -> bool:
    """A device under a name of a text, where the user may make one."""
    path = os.fsdecode(corpus.path("a device", "refused", ".txt"))
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except OSError:
        number = len(corpus.told) - 1
        del corpus.told[number], corpus.fate[number]
        return False
    return True


def unreadable(corpus: Corpus) -> None:
    """A file and a folder that may not be read."""
    os.chmod(corpus.file("an unreadable file", "refused", ".txt", "Un secret\n"), 0)
    os.mkdir(corpus.path("an unreadable folder", "refused", ""), 0)


@dataclass(frozen=True, slots=True)
class Done:
    """How a process ended."""

    code: int
    out: str
    errors: str
    peak: int
    """Bytes of memory that were in use at once."""


def run(*arguments: str, cwd: Path, stdin: int = subprocess.DEVNULL) -> Done:
    """The command as a process of little memory, on files, so that no pipe holds it up."""

    def poor() -> None:
        if sys.platform == "linux":
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    out, errors = cwd / "out", cwd / "errors"
    with out.open("wb") as to, errors.open("wb") as told:
        running = subprocess.Popen(
            [str(SCRIPT), *arguments], cwd=cwd, stdin=stdin, stdout=to, stderr=told, preexec_fn=poor
        )
        try:
            running.wait(HANGS)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()
            raise
    # The greatest of all children so far: no smaller than this one's.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Done(running.returncode, out.read_text("utf-8"), errors.read_text("utf-8"), peak)


def tags(text: str) -> set[int]:
    """The hostile files that a text names."""
    return {int(number) for number in TAG.findall(text)}


def fates(index: Path, errors: str) -> tuple[set[int], set[int]]:
    """The files of which articles were taken, and those of which something was refused with a reason."""
    with open_index(str(index)) as source:
        taken = {number for article in source.articles() for number in tags(article.path or "")}
    refused: set[int] = set()
    for line in errors.splitlines():
        if line.startswith("refused: "):
            assert re.search(r": \S", line.removeprefix("refused: ")), f"no reason: {line}"
            refused |= tags(line.removeprefix("refused: "))
    return taken, refused


def cost(corpus: Corpus) -> Iterator[tuple[float, int]]:
    """The seconds of processor that each file takes to be read, and its number."""
    for file in walk(str(corpus.folder)).files:
        begun = time.process_time()
        with reading.opened(file.path) as stream:
            for item in reading.drafts(file.path, stream):
                if isinstance(item, Draft):
                    with suppress(ArticleError):
                        reading.content_of(item).content_hash()
        yield time.process_time() - begun, *tags(os.path.basename(file.shown))


@pytest.mark.row("C1")
def test_every_hostile_file_is_accepted_or_refused_with_a_reason(promise: Promise, tmp_path: Path) -> None:
    corpus = Corpus(tmp_path / "seeds", promise.random)
    corpus.folder.mkdir()
    encoded_texts(corpus)
    promise.notes(f"files in {len(ENCODINGS)} encodings: {len(corpus.told):,}")
    large_files(corpus, promise.is_full)
    bombs(corpus, promise.is_full)
    knots(corpus, 100_000 if promise.is_full else 8_000)
    odd_records(corpus)
    odd_names(corpus)
    no_files(corpus)
    if not devices(corpus):
        promise.notes("no device, which this user may not make")
    if os.geteuid():
        unreadable(corpus)
    else:
        promise.notes("no unreadable files: root reads everything")
    done = run("index", cwd=tmp_path)
    promise.never("Traceback" in done.errors, "tracebacks")
    promise.holds(done.code == 0, 1, "runs end with 0")
    taken, refused = fates(tmp_path / "indexes" / "default", done.errors)
    right = {"accepted": taken, "refused": refused, "either": taken | refused}
    astray = [number for number, fate in corpus.fate.items() if number not in right[fate]]
    assert not astray, [(number, corpus.told[number], corpus.fate[number]) for number in astray]
    promise.holds(
        len(corpus.told) - len(astray), len(corpus.told), "files accepted or refused, as they must be"
    )
    with open_index(str(tmp_path / "indexes" / "default")) as index:
        found = sum(
            tags(hit.path or "") == {number}
            for number, words in corpus.words.items()
            for word in words
            for hit in index.search(f"={word}" if "fin" in word else word, snippets=False).hits
        )
    promise.holds(found, sum(map(len, corpus.words.values())), "words found, by their accents or without")
    again = run("index", cwd=tmp_path)
    promise.never("Traceback" in again.errors or again.code != 0, "second runs that failed")
    spent, slowest = max(cost(corpus))
    promise.notes(f"{spent:.1f} s of processor for the slowest file to read: {corpus.told[slowest]}")
    promise.notes(f"{done.peak / 2**20:,.0f} MB of memory at most")


HOW_FILES_CHANGE = (
    "vanishes",
    "becomes a folder",
    "becomes a queue",
    "becomes a link to a device",
    "is emptied",
    "is cut",
    "grows",
    "is replaced",
)


def change(path: str, how: str) -> None:
    """Let this happen to a file."""
    if how in ("vanishes", "becomes a folder", "becomes a queue", "becomes a link to a device"):
        os.unlink(path)
    match how:
        case "becomes a folder":
            os.mkdir(path)
        case "becomes a queue":
            os.mkfifo(path)
        case "becomes a link to a device":
            os.symlink("/dev/zero", path)
        case "is emptied":
            os.truncate(path, 0)
        case "is cut":
            os.truncate(path, os.path.getsize(path) // 2)
        case "grows":
            with open(path, "ab") as file:
                file.write(b"\nencore\n")
        case "is replaced":
            os.replace(shutil.copy(path, path + "~"), path)


@pytest.mark.row("C1")
@pytest.mark.parametrize("when", ["before it is opened", "while it is open"])
def test_a_file_that_changes_under_the_eyes_of_a_run_is_read_or_refused(
    promise: Promise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    rng = promise.random
    kinds = {".txt": 60_000, ".md": 60_000, ".json": 60_000, ".jsonl": 300_000}
    corpus = Corpus(tmp_path / "seeds", rng)
    corpus.folder.mkdir()
    changes: dict[str, str] = {}
    for how in HOW_FILES_CHANGE:
        for suffix, size in kinds.items():
            number = len(corpus.told)
            record = json.dumps({"title": f"Un titre {number}", "body": "mot " * (size // 4)})
            data = record + ("\n" + json.dumps({"title": f"Un autre {number}"})) * 1000
            text = f"# Un titre {number}\n\n" + "mot " * (size // 4)
            path = corpus.file(how, "either", suffix, {".json": record, ".jsonl": data}.get(suffix, text))
            changes[os.fsdecode(path)] = how

    @contextmanager
    def opened(path: str) -> Iterator[BinaryIO]:
        if when.startswith("before"):
            change(path, changes[path])
            with reading.opened(path) as stream:
                yield stream
        else:
            with reading.opened(path) as stream:
                stream.read(1)
                stream.seek(0)
                change(path, changes[path])
                yield stream

    with monkeypatch.context() as hooked:
        hooked.setattr(indexer, "opened", opened)
        with create_index(str(tmp_path / "index")) as index:
            report = index.sync(str(corpus.folder))
            taken = {number for article in index.articles() for number in tags(article.path or "")}
    refused = {number for place, reason in report.refused for number in tags(place) if reason}
    kept = len((taken | refused) & corpus.told.keys())
    promise.holds(kept, len(corpus.told), f"files that changed {when} read or refused")
    with open_index(str(tmp_path / "index"), write=True) as index:
        index.sync(str(corpus.folder), prune=True)
        still = index.sync(str(corpus.folder), prune=True)
        promise.never(still.added + still.changed + still.removed, f"changes that went unseen {when}")
        promise.never(len(index.check()), "things wrong with the index")


@pytest.mark.row("C1")
def test_what_is_no_file_never_holds_up_a_run_that_is_given_it(promise: Promise, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "queue.txt")
    (tmp_path / "link.txt").symlink_to("/dev/zero")
    (tmp_path / "loop.txt").symlink_to("loop.txt")
    (tmp_path / "good.txt").write_text("Un titre\n\nUn texte\n")
    given = [
        "/dev/zero",
        "/dev/stdin",
        "/dev/fd/0",
        "queue.txt",
        "link.txt",
        "loop.txt",
        "nothing",
        "",
        "x" * 5000,
    ]
    reader, writer = os.pipe()
    kept = 0
    try:
        for path in given:
            done = run("index", "good.txt", path, cwd=tmp_path, stdin=reader)
            said = done.errors.splitlines()
            kept += done.code in (0, 2) and any(line.startswith(("refused: ", "error: ")) for line in said)
    finally:
        os.close(reader)
        os.close(writer)
    promise.holds(kept, len(given), "things that are no files refused with a reason")


VALID = {
    ".txt": (
        b" date 2024-03 Un t\xc3\xa9moin\n\nLa ville est vide.\n\nLes habitants attendent.\n",
        b"Un titre\r\n\r\nL\x92hiver \xe0 Orl\xe9ans, \xab froid \xbb.\r\n",
        "Une ville\n\nNîmes est repoussée.\n".encode("utf-16"),
    ),
    ".md": (
        b"---\ntitle: Une ville\ntags: [a, b]\nauthor: '[[Zoe|Z]]'\n---\n# Titre\n\nUn *mot*.\n",
        b"# Titre\n\n> Une citation\n\n* un\n* deux\n\n| a |\n|---|\n| c |\n\n<div>gras</div>\n\n    code\n",
        b"---\ntitle: &a Un titre\nsource: *a\nurl: >\n  http://exemple.fr\n...\nTexte ==fort== [[page]].\n",
    ),
    ".json": (
        b'{"id": "a1", "title": "Une ville", "body": "Un texte.\\n\\nEncore.", "date": "2024-03-14"}',
        b'{"articles": [{"title": {"rendered": "Un"}, "content": ["a", "b"]}, {"author": [{"name": "Z"}]}]}',
        b'[{"titre": "Un", "texte": "\\u00e9t\\u00e9\\ud83d\\ude00", "pubDate": "14 Mar 2024", "n": 1.5e3}]',
    ),
    ".jsonl": (
        b'{"title": "Un", "body": "chaud"}\n{"_id": {"$oid": "5"}, "date": 1710400000}\n\n{"name": "Z"}\n',
        b'{"title": "Un\\udfff", "date": "\\ud800 14 mars 2024", "author": ["Zoe", null]}\n',
        b'{"id": 1, "title": "Un"}\r\n{"id": 2, "title": "Deux", "source": "https://www.exemple.fr/a"}\r\n',
    ),
}  # fmt: skip
"""A few files of each format that can be read, to be spoilt."""

SPLICES = (
    *(
        b"\0",
        b"\xff",
        b"\xed\xa0\x80",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\x85",
        b"\x1b[2J",
        b"\n",
        b"\r",
        b"\t",
    ),
    *(b"{", b"}", b"[", b"]", b'"', b"\\", b"\\ud800", b"\\u0000", b",", b":", b"null", b"NaN", b"-1e999"),
    *(
        b"9" * 5000,
        b"[" * 500,
        b'"id": ""',
        b'"id": "a1"',
        b'"title": []',
        b'"body": {}',
        b'"date": "\\ud800"',
    ),
    *(
        b"---\n",
        b"\n---\n",
        b"...\n",
        b"&a ",
        b"*a ",
        b"!!python/name:os ",
        b"!!binary x",
        b"? ",
        b"<<: ",
        b"| ",
    ),
    *(b"%YAML 9\n", b"@", b"`", b"#", b"> ", b"* ", b"1. ", b"[[", b"]]", b"](", b"![", b"**", b"==", b"|"),
    *(b"<!--", b"-->", b"<script>", b"<br>", b"<?", b"<![CDATA[", b"&amp;", b"&#0;", b"&#xd800;", b"<div>\n"),
    *(
        each.encode()
        for each in ("\u202e", "\u2028", "\u0301" * 40, "\ufeff", "\U000e0041", "ﬁ", "İ", "\u1d2c")
    ),
    *(b"date: 0000", b"date 9999-99 ", b"date: 99999999-99-99T99:99"),
)
"""What files are spoilt with."""


VALUES = (
    *(
        b"9" * 5000,
        b"NaN",
        b"-1e999",
        b"null",
        b"true",
        b"[]",
        b"{}",
        b'""',
        b'" "',
        b"[[]]",
        b'{"name": []}',
    ),
    *(
        b'"\\ud800"',
        b'"\\ud800 mars 2024"',
        b'["\\udfff:,", 1]',
        b'"\\u0000"',
        b'"\\u202e"',
        b"[" * 3000,
        b"1710400000",
    ),
    *(b'["2024-13-45", "2024-02"]', b'"Thu, 99 Jan 99999 99:99:99 +9999"', b'"http://[::1"', b"0", b"1e400"),
)
"""What stands in place of a value."""


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[str, bytes]:
    """A file of a format that is nearly right: its ending and its bytes."""
    suffix = draw(st.sampled_from(sorted(VALID)))
    data = draw(st.sampled_from([data for each in (suffix, suffix, *sorted(VALID)) for data in VALID[each]]))
    for _ in range(draw(st.sampled_from((1, 1, 2, 5)))):
        at = draw(st.integers(0, len(data)))
        match draw(st.integers(0, 6)):
            case 5 | 6:
                values = [*re.finditer(rb'(?<=: )("[^"]*"|[\w.-]+)', data)]
                if values:
                    value = draw(st.sampled_from(values))
                    data = data[: value.start()] + draw(st.sampled_from(VALUES)) + data[value.end() :]
            case 0:
                data = data[:at] + draw(st.sampled_from(SPLICES)) + data[at:]
            case 1:
                data = data[:at] + draw(st.binary(min_size=1, max_size=4)) + data[at + 1 :]
            case 2:
                data = data[:at] + data[at + draw(st.integers(1, 20)) :]
            case 3:
                data = data[:at] + data[max(0, at - draw(st.integers(1, 60))) :]
            case _:
                data = data[:at] + draw(st.text(max_size=12)).encode("utf-8", "surrogatepass") + data[at:]
    return suffix, data


def files() -> st.SearchStrategy[tuple[str, bytes]]:
    """Any bytes, or bytes that are nearly right, as a file of each format."""
    suffixes = st.sampled_from(sorted(formats()))
    anything = st.tuples(suffixes, st.binary(max_size=400))
    text = st.tuples(suffixes, st.text(max_size=200).map(lambda each: each.encode("utf-8", "surrogatepass")))
    return st.one_of(anything, text, spoilt(), spoilt())


BATCH = 250
"""Files in one folder: so many articles a page has at most, in which one must be found."""


def first_words(article: Article) -> str:
    """A query for the first words of an article, as they stand between spaces; none where it has none.

    What holds a sign of the query language is passed over: in quotes it would be refused.
    """
    runs = [run for run in f"{article.title}\n{article.body}".split() if not re.search('["«»“”„‟?*=~]', run)]
    words = [found[0] for run in runs if (found := re.search(r"[^\W_].{,199}", run))]
    return " ".join(f'"{word}"' for word in words[:3])


def batch(data: list[tuple[str, bytes]], folder: Path) -> Counter[str]:
    """Index these files, and count what became of them."""
    counted: Counter[str] = Counter()
    seeds = folder / "seeds"
    seeds.mkdir(parents=True)
    for number, (suffix, content) in enumerate(data):
        (seeds / f"h{number:05}{suffix}").write_bytes(content)
    with create_index(str(folder / "index")) as index:
        report = index.sync(str(seeds))
        articles = list(index.articles())
        taken = {number for article in articles for number in tags(article.path or "")}
        refused = {number for place, reason in report.refused for number in tags(place) if reason}
        counted["files"] = len(data)
        counted["kept"] = len((taken | refused) & set(range(len(data))))
        counted["refusals"] = len(report.refused)
        counted["articles"] = len(articles)
        counted["told"] = report.added
        for article in articles:
            query = first_words(article)
            if not query:
                counted["wordless"] += 1
                counted["found"] += index.article(article.id) == article
                continue
            page = index.search(query, limit=10_000, snippets=False, variants=False)
            is_found = not page.relaxed and article.id in {hit.id for hit in page.hits}
            counted["found"] += is_found
            assert is_found, (article, query, page.notices)
    shutil.rmtree(folder)
    return counted


@pytest.mark.row("C2")
def test_any_bytes_are_read_or_refused_and_every_article_is_found(promise: Promise, tmp_path: Path) -> None:
    number = promise.cases(10_000)
    drawn: list[tuple[str, bytes]] = []
    answered: list[str] = []

    @seeded(promise.seed)
    @settings(
        max_examples=number,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        phases=[Phase.generate],
    )
    @given(files())
    def read(file: tuple[str, bytes]) -> None:
        suffix, data = file
        drawn.append(file)
        try:
            items = list(formats()[suffix].read(io.BytesIO(data)))
        except ArticleError as error:
            assert error.message
            items = []
        for item in items:
            if isinstance(item, Refusal):
                assert item.reason
                continue
            with suppress(ArticleError):
                article = reading.content_of(item)
                assert len(article.content_hash()) == 32
                assert article == reading.content_of(item)
        answered.append(suffix)

    read()
    counted: Counter[str] = Counter()
    for start in range(0, len(drawn), BATCH):
        counted += batch(drawn[start : start + BATCH], tmp_path / str(start))
    promise.holds(len(answered), len(drawn), "files read without another exception than a refusal")
    promise.holds(counted["kept"], counted["files"], "files accepted or refused with a reason")
    promise.holds(counted["told"], counted["articles"], "articles that the report told")
    promise.holds(counted["found"], counted["articles"], "accepted articles found by their first words")
    promise.notes(f"{counted['wordless']:,} of them without a word, by their id")
    assert counted["articles"] > number / 10, "too few are accepted to tell"
