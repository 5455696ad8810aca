from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from search import BusyError
from search.lock import WriterLock, is_lock_file


def test_a_second_lock_is_refused_with_the_holder_and_free_after_release(tmp_path: Path) -> None:
    first = WriterLock(str(tmp_path))
    with pytest.raises(BusyError) as caught:
        WriterLock(str(tmp_path))
    assert (caught.value.pid, caught.value.host) == (os.getpid(), os.uname().nodename)
    first.release()
    WriterLock(str(tmp_path)).release()


def test_a_lock_whose_process_was_killed_is_free(tmp_path: Path) -> None:
    code = f"import time; from search.lock import WriterLock; lock = WriterLock({str(tmp_path)!r});"
    held = subprocess.Popen(
        [sys.executable, "-c", f"{code} print(flush=True); time.sleep(60)"], stdout=subprocess.PIPE
    )
    assert held.stdout
    held.stdout.readline()
    with pytest.raises(BusyError):
        WriterLock(str(tmp_path))
    held.kill()
    held.communicate()
    WriterLock(str(tmp_path)).release()


def test_waiting_ends_after_the_time_given(tmp_path: Path) -> None:
    lock = WriterLock(str(tmp_path))
    began = time.monotonic()
    with pytest.raises(BusyError):
        WriterLock(str(tmp_path), wait=0.2)
    assert time.monotonic() - began >= 0.2
    lock.release()


def test_a_holder_that_cannot_be_read_is_another_process(tmp_path: Path) -> None:
    lock = WriterLock(str(tmp_path))
    (tmp_path / "writer.json").write_text("half a")
    with pytest.raises(BusyError, match="another process is writing"):
        WriterLock(str(tmp_path))
    lock.release()


def test_the_lock_knows_its_own_files(tmp_path: Path) -> None:
    lock = WriterLock(str(tmp_path))
    assert all(is_lock_file(path.name) for path in tmp_path.iterdir())
    assert not is_lock_file("newsearch.json")
    lock.release()
