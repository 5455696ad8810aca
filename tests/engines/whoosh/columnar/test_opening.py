"""A manifest's segments are opened, or the file that is not as it was committed is named."""

from collections.abc import Callable
from pathlib import Path

import pytest

from search.article import Article
from search.engines.whoosh.columnar import engine
from search.engines.whoosh.columnar.opening import open_segments
from search.engines.whoosh.generations import Generations
from search.errors import DamagedIndexError


@pytest.fixture
def folder(
    tmp_path: Path, articles: Callable[..., list[Article]], commit: Callable[..., None]
) -> Generations:
    engine.create(str(tmp_path))
    commit(engine, str(tmp_path), articles(6))
    commit(engine, str(tmp_path), articles(4, seed=2, first=6), delete=[articles(6)[0].id])
    return Generations(str(tmp_path), engine.FORMAT)


def test_segments_come_in_the_order_of_the_manifest_with_their_deletions(folder: Generations) -> None:
    manifest = folder.manifest(folder.newest())
    opened = open_segments(folder, manifest)
    assert [segment.name for segment in opened] == [each["name"] for each in manifest.contents["segments"]]
    assert [(segment.size, segment.live_count) for segment in opened] == [(6, 5), (4, 4)]
    assert [segment.deletions_name is not None for segment in opened] == [True, False]


def test_a_file_of_another_size_is_named(folder: Generations) -> None:
    manifest = folder.manifest(folder.newest())
    for name in manifest.files:
        file = Path(folder.path_of(name))
        whole = file.read_bytes()
        file.unlink()
        with pytest.raises(FileNotFoundError):
            open_segments(folder, manifest)
        file.write_bytes(whole + b"\0")
        with pytest.raises(DamagedIndexError, match=name):
            open_segments(folder, manifest)
        file.unlink()
        file.write_bytes(whole)
    assert len(open_segments(folder, manifest)) == 2


def test_a_new_index_has_no_segments(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    engine.create(str(tmp_path / "new"))
    folder = Generations(str(tmp_path / "new"), engine.FORMAT)
    assert open_segments(folder, folder.manifest(0)) == []
