from __future__ import annotations

import io
import time
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.article import Article, Span
from search.errors import ArticleError
from search.limits import FRONT_MATTER_CHARACTERS
from search.sources.draft import Draft, Refusal
from search.sources.reading import content_of, drafts

CLIP = """---
title: "Koursk : la légion « Liberté » attaque"
source: "https://www.lemonde.fr/international/article.html"
author:
  - "[[Jean Dupont]]"
  - "[[Ana Ruiz]]"
published: 2024-03-14
created: 2025-01-02
description: "Un chapô qui n’est pas dans le texte."
tags:
  - "clippings"
  - "Russie"
---
## Un intertitre

Un paragraphe avec du **gras**, de l’*italique*, un [lien](https://x.fr/a "b"), du `code`.

> Une citation
> sur deux lignes.

- un point
- un autre

![Une légende](photo.jpg)
"""


def items(data: bytes | str) -> list[Draft | Refusal]:
    return list(drafts("a.md", io.BytesIO(data.encode() if isinstance(data, str) else data)))


def article(data: bytes | str) -> Article:
    (draft,) = items(data)
    assert isinstance(draft, Draft), draft
    return content_of(draft)


def with_front_matter(block: str, body: str = "Le corps.") -> str:
    return f"---\n{block}\n---\n{body}"


def refusal(data: bytes | str) -> Refusal:
    (item,) = items(data)
    assert isinstance(item, Refusal), item
    return item


def test_a_clip_of_obsidian_is_read_with_all_its_properties() -> None:
    found = article(CLIP)
    assert found.title == "Koursk : la légion « Liberté » attaque"
    assert (found.source, found.url) == ("lemonde.fr", "https://www.lemonde.fr/international/article.html")
    assert found.author == "Jean Dupont, Ana Ruiz"
    assert found.date == Span.of(2024, 3, 14)
    assert found.section == "Russie"
    assert found.body == (
        "Un chapô qui n’est pas dans le texte.\n\n"
        "Un intertitre\n\n"
        "Un paragraphe avec du gras, de l’italique, un lien, du code.\n\n"
        "Une citation\nsur deux lignes.\n\n"
        "un point\n\n"
        "un autre\n\n"
        "Une légende"
    )


def test_a_clip_without_a_day_of_publication_has_its_other_fields() -> None:
    found = article(with_front_matter("title: T\nauthor:\npublished:\ntags:\ndescription:"))
    assert (found.title, found.author, found.date, found.section) == ("T", None, None, None)
    assert found.body == "Le corps."


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_line_ends_and_encodings_make_no_difference(line_end: str, encoding: str) -> None:
    assert article(CLIP.replace("\n", line_end).encode(encoding)) == article(CLIP)


def test_decomposed_letters_make_no_difference() -> None:
    assert article(unicodedata.normalize("NFD", CLIP)) == article(CLIP)


def test_windows_1252_is_read_and_said() -> None:
    (draft,) = items("---\ntitle: L’été\n---\nCœur".encode("cp1252"))
    assert isinstance(draft, Draft)
    assert (draft.title, draft.body, draft.notes) == ("L’été", "Cœur", ("read as windows-1252",))


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        ("# Titre\n\nCorps", "Titre", "Corps"),
        ("Titre\n=====\n\nCorps", "Titre", "Corps"),
        ("# Un *beau* `titre` #\n\nCorps", "Un beau titre", "Corps"),
        ("## Sous-titre\n\nCorps", "", "Sous-titre\n\nCorps"),
        ("Avant\n\n# Titre\n\nCorps", "", "Avant\n\nTitre\n\nCorps"),
        ("# Un\n\n# Deux\n\nCorps", "Un", "Deux\n\nCorps"),
        ("Du texte seul.", "", "Du texte seul."),
        ("*** \n\nTexte", "", "Texte"),
    ],
)
def test_without_front_matter_a_first_heading_of_level_one_is_the_title(
    text: str, title: str, body: str
) -> None:
    found = article(text)
    assert (found.title, found.body, found.date) == (title, body, None)


def test_the_title_of_the_front_matter_wins_and_the_heading_stays_unless_it_says_the_same() -> None:
    assert article(with_front_matter("title: T", "# T\n\nCorps")).body == "Corps"
    found = article(with_front_matter("title: T", "# Autre\n\nCorps"))
    assert (found.title, found.body) == ("T", "Autre\n\nCorps")


def test_a_first_heading_is_the_title_where_the_front_matter_has_none() -> None:
    found = article(with_front_matter("date: 2024-03", "# T\n\nCorps"))
    assert (found.title, str(found.date), found.body) == ("T", "2024-03", "Corps")


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("a **b** _c_ ~d~", "a b c ~d~"),
        ("[un lien](https://x.fr)", "un lien"),
        ("[un lien][1]\n\n[1]: https://x.fr", "un lien"),
        ("<https://x.fr>", "https://x.fr"),
        ("![légende](a.png)", "légende"),
        ("une ligne\nla suite", "une ligne\nla suite"),
        ("une ligne  \nla suite", "une ligne\nla suite"),
        ("1. un\n2. deux", "un\n\ndeux"),
        ("> cité", "cité"),
        ("```\ndu code\n```", "du code"),
        ("| a | b |\n|---|---|\n| c | d |", "a\n\nb\n\nc\n\nd"),
        ("AT&amp;T, 5 < 6", "AT&T, 5 < 6"),
        (r"\*sans\*", "*sans*"),
        ("un\n\n---\n\ndeux", "un\n\ndeux"),
        ("<!-- tu -->\n\ndit", "dit"),
        ("<div>\nUn <b>deux</b>\n</div>\n\nTrois", "Un deux\n\nTrois"),
        ("<p>AT&amp;T</p>", "AT&T"),
        ("# T\n\n\n\n\nun\n\n\n\ndeux", "un\n\ndeux"),
    ],
)
def test_markup_becomes_plain_text(markup: str, text: str) -> None:
    assert article(markup).body == text


def test_dates_and_numbers_of_yaml_stay_as_they_are_written() -> None:
    found = article(with_front_matter("id: 0123\ntitle: 1_000\ndate: 2024-03\nlang: no\nauthor: 1e3"))
    assert (found.id, found.title, str(found.date)) == ("0123", "1_000", "2024-03")
    assert (found.language, found.author) == ("no", "1e3")


def test_an_unreadable_date_is_told_and_the_article_kept() -> None:
    (draft,) = items(with_front_matter("title: T\npublished: un jour"))
    assert isinstance(draft, Draft)
    assert (draft.title, draft.date) == ("T", None)
    assert "“un jour”" in draft.notes[0]


@pytest.mark.parametrize(
    "text",
    ["---\n---\nCorps", "---\n\n---\nCorps", "---\n# commentaire\n---\nCorps", "---\ndate: 2024\n...\nCorps"],
)
def test_front_matter_may_be_empty_or_end_in_dots(text: str) -> None:
    assert article(text).body == "Corps"


def test_front_matter_that_is_never_closed_is_text() -> None:
    assert "title: T" in article("---\ntitle: T\n\nCorps").body


def test_front_matter_alone_is_an_article_with_a_title() -> None:
    assert article("---\ntitle: T\n---").title == "T"


@pytest.mark.parametrize(
    ("block", "line"),
    [
        ("title: 'ouvert", 3),
        ("title: T\nauthor: a: b", 3),
        ("title: T\n\tdate: 2024", 3),
        ("title: *inconnu", 2),
        ("title: &a [*a]", 2),
    ],
)
def test_a_mistake_in_front_matter_is_told_with_its_line_in_the_file(block: str, line: int) -> None:
    (draft,) = items(with_front_matter(block))
    assert isinstance(draft, Draft)
    assert draft.notes == (f"its front matter is not YAML (line {line}): read line by line",)
    assert draft.body == "Le corps."


def test_front_matter_that_is_not_yaml_is_read_line_by_line() -> None:
    found = article(
        with_front_matter("title: Koursk : la légion\n\tau: loin\nid: 7 \ndate: 2024-03\nauthor: J: D")
    )
    assert (found.id, found.title, found.author) == ("7", "Koursk : la légion", "J: D")
    assert (str(found.date), found.body) == ("2024-03", "Le corps.")


@pytest.mark.parametrize("block", ["a: b", "Du texte : avec deux points", "a: b: c"])
def test_a_block_without_a_known_name_is_text_between_thematic_breaks(block: str) -> None:
    (draft,) = items(with_front_matter(block))
    assert isinstance(draft, Draft)
    assert (draft.title, draft.body, draft.notes) == ("", f"{block}\n\nLe corps.", ())


@pytest.mark.parametrize("nothing", ["null", "Null", "NULL", "~", ""])
def test_a_null_of_yaml_is_an_absent_value(nothing: str) -> None:
    fields = ("id", "title", "date", "source", "url", "author", "section", "lang")
    (draft,) = items(with_front_matter("\n".join(f"{name}: {nothing}" for name in fields)))
    assert draft == Draft("", "Le corps.")


def test_an_escape_beyond_unicode_does_no_harm() -> None:
    (draft,) = items(with_front_matter('title: "\\UFFFFFFFF"\nid: 7'))
    assert isinstance(draft, Draft)
    assert (draft.id, draft.body) == ("7", "Le corps.")
    assert draft.notes == ("its front matter is not YAML: read line by line",)


@pytest.mark.parametrize("name", ["tags", "description", "text"])
def test_many_aliases_of_a_long_text_do_not_blow_up(name: str) -> None:
    block = f"title: &a {'x' * 20_000}\n{name}: [{', '.join(['*a'] * 8000)}]"
    started = time.process_time()
    found = article(with_front_matter(block))
    assert time.process_time() - started < 5
    assert len(found.body) + len(found.section or "") < 1_000_000


def test_tags_of_yaml_make_no_objects() -> None:
    found = article(with_front_matter('title: !!python/object/apply:os.getcwd []\nauthor: !inconnu "A"', "C"))
    assert (found.title, found.author) == ("", "A")


ALIASES = "\n".join(
    [
        "a0: &a0 [x, x, x, x, x, x, x, x, x]",
        *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)),
    ]
)


def test_a_bomb_of_aliases_does_not_go_off() -> None:
    (draft,) = items(with_front_matter(f"{ALIASES}\ntitle: T\ntags: *a29"))
    assert isinstance(draft, Draft)
    assert (draft.title, draft.section or None) == ("T", None)
    assert article(with_front_matter(f"{ALIASES}\ntitle: *a29")).title == ""


def test_a_bomb_of_merged_keys_does_not_go_off() -> None:
    merges = [f"a{n}: &a{n}\n  <<: [{', '.join([f'*a{n - 1}'] * 9)}]\n  k{n}: v" for n in range(1, 30)]
    assert article(with_front_matter("\n".join(["a0: &a0 {k: v}", *merges, "title: T"]))).title == "T"


@pytest.mark.parametrize("unit", ["[", "{", "- ", "? ", "a: ["])
def test_front_matter_that_nests_too_deep_does_no_harm(unit: str) -> None:
    assert article(with_front_matter(unit * 600)).body.endswith("Le corps.")
    (draft,) = items(with_front_matter(f"title: T\nautre: {unit * 600}"))
    assert isinstance(draft, Draft)
    assert draft.title == "T"
    assert "read line by line" in draft.notes[0]


def test_front_matter_longer_than_its_limit_is_refused_unread() -> None:
    assert "longer than" in refusal(with_front_matter("a: b\n" * (FRONT_MATTER_CHARACTERS // 5 + 1))).reason


def test_a_lone_surrogate_in_an_escape_becomes_a_replacement_character() -> None:
    assert article(with_front_matter('title: "a\\uD800b"')).title == "a\ufffdb"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"# T\0", "NUL"),
        (b"\x81", "not text"),
    ],
)
def test_what_is_no_text_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    assert reason in refusal(data).reason


def test_a_control_character_in_front_matter_does_not_lose_the_rest() -> None:
    assert article("---\ntitle: a\x07b\nid: 7\n---\nx").id == "7"


def test_lists_keep_their_text_however_deep_people_nest_them() -> None:
    words = [f"point{level}" for level in range(30)]
    markup = "\n".join(f"{'  ' * level}- {word}" for level, word in enumerate(words))
    assert article(markup).body == "\n\n".join(words)


@pytest.mark.parametrize("unit", ["> ", "- ", "[", "![", "*", "**a ", "`", "<", "&#", "|a", "[a]("])
def test_markup_that_nests_or_repeats_without_end_is_read_in_time(unit: str) -> None:
    assert len(items(unit * 2000 + "fin")) == 1


def text_of(*pieces: str) -> st.SearchStrategy[str]:
    return st.lists(st.one_of(st.sampled_from(pieces), st.text(max_size=4)), max_size=20).map("".join)


YAML_LIKE = text_of(
    *[
        "title: ",
        "date: ",
        "author:\n",
        "  - ",
        "tags: [",
        "]",
        "{",
        "}",
        "\n",
        ": ",
        '"',
        "'",
        "|\n",
        ">-\n",
    ],
    *[
        "&a ",
        "*a",
        "!!str ",
        "<<: ",
        "? ",
        "# ",
        "%",
        "\\u",
        "\\x",
        "[[",
        "]]",
        "---\n",
        "null",
        "~",
        "2024-03-14",
    ],
)
MARKDOWN_LIKE = text_of(
    *[
        "# ",
        "\n",
        "\n\n",
        "* ",
        "> ",
        "1. ",
        "**",
        "_",
        "`",
        "```\n",
        "[",
        "](",
        ")",
        "![",
        "<",
        ">",
        "<!--",
        "-->",
    ],
    *["|", "|-", "---\n", "===\n", "&#x", "&amp;", ";", "\\", "http://", "xn--", "[x]: ", "é", "mot"],
)


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.builds("---\n{}\n---\n{}".format, YAML_LIKE, MARKDOWN_LIKE).map(str.encode),
        MARKDOWN_LIKE.map(str.encode),
    )
)
def test_any_bytes_are_one_article_or_a_refusal(data: bytes) -> None:
    (item,) = items(data)
    if isinstance(item, Refusal):
        assert item.reason
        return
    with suppress(ArticleError):
        found = content_of(item)
        assert found.body.encode() or found.title.encode()
        assert unicodedata.is_normalized("NFC", found.body)
        assert "\r" not in found.body
        assert "\n\n\n" not in found.body


NAMES = st.sampled_from(["id", "title", "date", "author", "source", "tags", "description", "lang", "autre"])
VALUES = st.recursive(
    st.one_of(st.text(max_size=12), st.integers(), st.booleans(), st.none(), st.floats()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_any_properties_that_yaml_can_write_are_one_article_or_a_refusal(
    properties: dict[str, object],
) -> None:
    import yaml

    (item,) = items(with_front_matter(yaml.safe_dump(properties), "Le corps."))
    if isinstance(item, Draft):
        with suppress(ArticleError):
            assert content_of(item).body.endswith("Le corps.")
    else:
        assert item.reason
