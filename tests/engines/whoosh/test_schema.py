"""Any program that has Whoosh can read a committed index, without newsearch."""

import pickle
import pickletools
from pathlib import Path

import pytest
import whoosh.index
from whoosh import query
from whoosh.fields import Schema

from search.article import Article, Span
from search.engines.whoosh import stock
from search.engines.whoosh.dictionary import form_term
from search.engines.whoosh.schema import NO_DATE, article_of, document, schema
from search.french.analysis import stem
from search.query.tree import Word

ARTICLES = [
    Article(
        "a",
        "Drones repoussés",
        "Les drones ont visé l’Élysée.",
        Span.parse("2024-03"),
        path="presse/a.txt",
        source="Le Monde",
        url="https://exemple.fr/a",
        author="Anne Îles",
        section="Monde",
        language="fr",
    ),
    Article("b", "", "Un drone, puis rien."),
    Article("c", "Scrutin", "Dimanche.", Span.parse("2024"), source="AFP"),
]


@pytest.fixture
def path(tmp_path: Path) -> str:
    stock.create(str(tmp_path))
    for article in ARTICLES:
        writer = stock.open_writer(str(tmp_path))
        writer.add(article)
        writer.commit({})
    return str(tmp_path)


@pytest.mark.parametrize("form", ["drone", "drones", "Élysée".lower(), "absent"])
def test_whoosh_alone_finds_the_same_articles_with_their_text(path: str, form: str) -> None:
    with whoosh.index.open_dir(path).searcher() as searcher:
        hits = [hit.fields() for hit in searcher.search(query.Term("body", stem(form)), limit=None)]
    with stock.open_reader(path) as reader:
        ours = [match.id for match in reader.search(Word(form, "body"), limit=10).top]
    assert sorted(hit["id"] for hit in hits) == sorted(ours)
    for hit in hits:
        assert article_of(hit) == next(article for article in ARTICLES if article.id == hit["id"])


def test_the_stemmed_field_answers_with_the_union_of_its_forms(path: str) -> None:
    with whoosh.index.open_dir(path).searcher() as searcher:
        for word in ("drones", "repoussés", "élysée"):
            forms = searcher.reader().expand_prefix("body_forms", f"{stem(word)} ")
            by_forms = {
                hit["id"]
                for form in list(forms)
                for hit in searcher.search(query.Term("body_forms", form.decode()), limit=None)
            }
            by_stem = {hit["id"] for hit in searcher.search(query.Term("body", stem(word)), limit=None)}
            assert by_stem == by_forms


def test_whoosh_alone_finds_a_form_as_it_was_written(path: str) -> None:
    with whoosh.index.open_dir(path).searcher() as searcher:
        exact = searcher.search(query.Phrase("body_forms", [form_term("visé"), form_term("élysée")]))
        assert [hit["id"] for hit in exact] == ["a"]
        assert len(searcher.search(query.Term("body_forms", form_term("elysee")))) == 0


def test_the_schema_holds_classes_of_whoosh_alone() -> None:
    for made in schema():
        assert type(made).__module__.startswith("whoosh.")
    pickled = pickletools.genops(pickle.dumps(schema(), 2))
    names = [argument.split()[0] for code, argument, _ in pickled if code.name == "GLOBAL"]
    standard = {"copy_reg", "__builtin__", "re"}
    assert {name.split(".")[0] for name in names} - standard == {"whoosh"}


def test_a_schema_is_made_anew_at_each_call() -> None:
    first = schema()
    first.remove("title")
    assert isinstance(first, Schema)
    assert "title" in schema()


def test_the_exact_forms_and_the_stems_have_the_same_positions() -> None:
    values = document(ARTICLES[0])
    assert values["title"] == ["dron", "repous"]
    assert values["title_forms"] == ["dron drones", "repous repoussés"]
    assert values["body_forms"] == [form_term(form) for form in ("les", "drones", "ont", "visé", "élysée")]
    assert values["body_length"] == len(values["body"]) == 5  # type: ignore[arg-type]


@pytest.mark.parametrize("article", ARTICLES)
def test_a_document_holds_what_makes_its_article(article: Article) -> None:
    values = document(article)
    stored = {name.removeprefix("_stored_"): value for name, value in values.items()}
    assert article_of(stored | {"title": article.title, "body": article.body}) == article
    assert values["hash"] == article.content_hash()


def test_an_unknown_date_has_an_ordinal_that_no_day_has() -> None:
    assert document(ARTICLES[1])["date_start"] == document(ARTICLES[1])["date_end"] == NO_DATE == 0
    start, end = document(ARTICLES[0])["date_start"], document(ARTICLES[0])["date_end"]
    assert end - start == 30  # type: ignore[operator]
