from __future__ import annotations

import json
import os
import zlib

from search import Span
from search.ledger import FileEntry, Ledger
from search.messages import Message


def entry(path: str, *ids: str) -> FileEntry:
    return FileEntry(path, path, "/root", path, 1, 2, 3, 4, articles={id: f"hash of {id}" for id in ids})


def test_a_ledger_comes_back_as_it_was() -> None:
    ledger = Ledger()
    ledger.put(entry("/root/é\udcff.txt", "a", "b"))
    ledger.files["/root/é\udcff.txt"].refusals.append(("line 3", "broken"))
    ledger.added["p"] = "hash of p"
    ledger.forgotten["x"] = ("hash of x", "/root/x.txt")
    again = Ledger.load(ledger.dump())
    assert list(again.files) == ["/root/é\udcff.txt"]
    assert again.hash_of("a") == "hash of a" and again.owner("a") == "/root/é\udcff.txt"
    assert (again.hash_of("p"), again.owner("p")) == ("hash of p", None)
    assert again.forgotten == {"x": ("hash of x", "/root/x.txt")}
    assert [tuple(pair) for pair in again.files["/root/é\udcff.txt"].refusals] == [("line 3", "broken")]
    assert again.dump() == ledger.dump()


def message_in(ledger: Ledger) -> Message:
    ((_, reason),) = ledger.files["f"].refusals
    assert isinstance(reason, Message)
    return reason


def test_reasons_and_places_come_back_as_what_they_were_made_of() -> None:
    ledger = Ledger()
    ledger.put(entry("f"))
    inner = Message("{count} page", "{count} pages", count=2)
    place = Message("line {number}", number="1234")
    reason = Message(
        "{size} MB, {parts}, {inner}: {text}",
        size=1.5,
        parts=("a", inner),
        inner=inner,
        text="é\x1b{size}\udcff",
    )
    ledger.files["f"].refusals.append((place, reason))
    ledger.files["f"].conflicts["x"] = inner
    again = Ledger.load(ledger.dump())
    ((place_again, reason_again),) = again.files["f"].refusals
    for told, before in (
        (place_again, place),
        (reason_again, reason),
        (again.files["f"].conflicts["x"], inner),
    ):
        assert isinstance(told, Message)
        assert told == before
        assert (told.template, told.plural, told.values) == (before.template, before.plural, before.values)
    assert isinstance(message_in(again).values["inner"], Message)
    assert again.dump() == ledger.dump()


def test_equal_reasons_are_equal_bytes_in_whatever_order_they_were_filled() -> None:
    dumps = set()
    for values in ({"a": "1", "b": "2"}, {"b": "2", "a": "1"}):
        ledger = Ledger()
        ledger.put(entry("f"))
        ledger.files["f"].refusals.append(("", Message("{a} {b}", **values)))
        dumps.add(ledger.dump())
    assert len(dumps) == 1


def test_a_date_in_a_reason_comes_back_as_it_is_written_in_english() -> None:
    ledger = Ledger()
    ledger.put(entry("f"))
    ledger.files["f"].refusals.append(("", Message("not on {day}", day=Span.of(2024, 3))))
    assert message_in(Ledger.load(ledger.dump())) == "not on 2024-03"


def test_the_plain_reasons_of_an_older_ledger_are_still_read() -> None:
    head = {"version": 1, "added": {}, "forgotten": {}}
    file = {"path": "f", "shown": "f", "root": "/", "relative": "f", "refusals": [["line 3", "broken"]]}
    data = zlib.compress(f"{json.dumps(head)}\n{json.dumps(file | {'conflicts': {'x': 'taken'}})}".encode())
    ledger = Ledger.load(data)
    assert ledger.files["f"].refusals == [("line 3", "broken")]
    assert ledger.files["f"].conflicts == {"x": "taken"}


def test_no_attachment_is_an_empty_ledger() -> None:
    assert list(Ledger.load(None).ids()) == []


def test_putting_a_file_again_replaces_what_it_had() -> None:
    ledger = Ledger()
    ledger.put(entry("f", "a", "b"))
    ledger.put(entry("f", "b", "c"))
    assert set(ledger.ids()) == {"b", "c"}
    assert ledger.owner("a") is None


def test_dropping_a_file_leaves_what_another_file_has_taken() -> None:
    ledger = Ledger()
    ledger.put(entry("f", "a"))
    ledger.put(entry("g", "a"))
    ledger.drop("f")
    assert ledger.owner("a") == "g"


def test_release_takes_an_article_from_whatever_has_it() -> None:
    ledger = Ledger()
    ledger.put(entry("f", "a", "b"))
    ledger.files["f"].stale.append("a")
    ledger.added["p"] = "h"
    for id in ("a", "p", "unknown"):
        ledger.release(id)
    assert set(ledger.ids()) == {"b"}
    assert ledger.files["f"].stale == []


def test_under_takes_whole_names_only() -> None:
    ledger = Ledger()
    for root in ("/a", "/a/b", "/ab", "/"):
        ledger.put(FileEntry(f"{root}/f", "", root, ""))
    assert {each.root for each in ledger.under("/a", os.sep)} == {"/a", "/a/b"}
    assert {each.root for each in ledger.under("/", os.sep)} == {"/a", "/a/b", "/ab", "/"}


def test_unchanged_is_the_same_size_time_and_inode_and_older_than_the_reading() -> None:
    known = entry("f")
    assert known.is_unchanged(1, 2, 3)
    assert not any(known.is_unchanged(*other) for other in [(9, 2, 3), (1, 9, 3), (1, 2, 9)])
    known.mtime_ns = known.read_ns
    assert not known.is_unchanged(1, known.mtime_ns, 3)
