import importlib.util
import itertools
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType

import pytest

from search.article import Article
from search.engines.whoosh.columnar import building
from search.engines.whoosh.columnar.arrays import ArrayFile, ArrayFileWriter
from search.engines.whoosh.columnar.rows import Compression
from search.engines.whoosh.columnar.segment import Segment
from search.engines.whoosh.columnar.tokenizer import Tokenizer


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing crashes here."""
    monkeypatch.setattr(os, "fsync", lambda file: None)


@pytest.fixture(scope="session")
def new_path(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], str]:
    """Gives a path for a new file at each call."""
    folder = tmp_path_factory.mktemp("columnar")
    numbers = itertools.count()
    return lambda: str(folder / f"MAIN_{next(numbers):016x}.nsa")


@pytest.fixture(scope="session")
def array_file(new_path: Callable[[], str]) -> Callable[[Callable[[ArrayFileWriter], None]], ArrayFile]:
    """Makes an open file of what a function writes."""

    def made(write: Callable[[ArrayFileWriter], None]) -> ArrayFile:
        path = new_path()
        file = ArrayFileWriter(path)
        write(file)
        file.close()
        return ArrayFile(path)

    return made


@pytest.fixture(scope="session")
def segment_of(new_path: Callable[[], str]) -> Callable[..., Segment]:
    """Makes one open segment of some articles."""
    tokenizer = Tokenizer()

    def made(articles: Iterable[Article], method: str = "zlib", dictionary: bytes = b"") -> Segment:
        with pytest.MonkeyPatch.context() as patch:
            # A dictionary that is given is used, however few the articles are.
            patch.setattr(building, "LEAST_FOR_DICTIONARY", 1)
            builder = building.Builder(new_path, tokenizer, Compression(method, dictionary))
            for article in articles:
                builder.add(article)
            (path,) = builder.finish()
        return Segment(path)

    return made


@pytest.fixture(scope="session")
def dense() -> ModuleType:
    """The module dense.py, by its path: tests are no packages, so no import reaches it."""
    spec = importlib.util.spec_from_file_location("dense", Path(__file__).with_name("dense.py"))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
