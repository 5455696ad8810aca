from __future__ import annotations

import errno
import inspect
import os
import re
import sys

import pytest

from search import errors
from search.errors import (
    BusyError,
    NewsearchError,
    QueryError,
    SystemFailureError,
    system_failures,
    system_reason,
)
from search.messages import Message

_LINE = re.compile(r"(?P<branch>[│├└─ ]*)(?P<name>\w+Error) +(?P<code>\d+)(?: .*)?")


def drawn() -> dict[str, tuple[str | None, int]]:
    """The tree in the docstring: a class -> the class above it, its exit code."""
    tree: dict[str, tuple[str | None, int]] = {}
    above: list[str] = []
    for line in inspect.getdoc(errors).splitlines():  # type: ignore[union-attr]
        if match := _LINE.fullmatch(line):
            depth = len(match["branch"]) // 4
            del above[depth:]
            tree[match["name"]] = (above[-1] if above else None, int(match["code"]))
            above.append(match["name"])
    return tree


def defined() -> dict[str, tuple[str | None, int]]:
    """The same of the classes themselves."""
    tree: dict[str, tuple[str | None, int]] = {}
    for name, kind in vars(errors).items():
        if isinstance(kind, type) and issubclass(kind, NewsearchError):
            above = kind.__mro__[1].__name__
            tree[name] = (None if above == "Exception" else above, kind.exit_code)
    return tree


def test_the_tree_in_the_docstring_is_the_real_one_with_its_exit_codes() -> None:
    assert drawn() == defined()


def test_the_drawing_has_one_root() -> None:
    assert [name for name, (above, _) in drawn().items() if above is None] == ["NewsearchError"]


def test_every_exit_code_is_one_of_the_contract() -> None:
    assert {code for _, code in drawn().values()} == {1, 2, 3, 74, 75}


@pytest.mark.parametrize("name", sorted(defined()))
def test_every_error_says_what_it_means(name: str) -> None:
    kind = getattr(errors, name)
    assert kind.__doc__.split("\n")[0].endswith(".")
    assert issubclass(kind, NewsearchError)


def test_a_query_error_points_at_the_character() -> None:
    error = QueryError("No.", "mot~2", 3, "mot")
    assert (str(error), error.query, error.position, error.suggestion) == ("No.", "mot~2", 3, "mot")
    assert QueryError("No.", "mot", 0).suggestion is None


def test_a_busy_error_names_the_writer_where_it_is_known() -> None:
    error = BusyError("Busy.", 42, "host")
    assert (str(error), error.pid, error.host) == ("Busy.", 42, "host")
    assert (BusyError("Busy.").pid, BusyError("Busy.").host) == (None, None)


def test_an_error_of_the_system_says_where_it_happened_and_keeps_its_cause() -> None:
    cause = OSError(errno.EIO, "Input/output error")
    with pytest.raises(SystemFailureError, match=r"^indexes/presse: Input/output error\. ") as caught:  # noqa: SIM117
        with system_failures("indexes/presse"):
            raise cause
    assert caught.value.__cause__ is cause


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told_with_the_bytes_needed(code: int) -> None:
    with (
        pytest.raises(SystemFailureError, match="about 12,345 bytes are needed"),
        system_failures("x", 12_345),
    ):
        raise OSError(code, "full")


@pytest.mark.parametrize(("code", "needed"), [(errno.EIO, 12_345), (errno.ENOSPC, None)])
def test_no_bytes_are_told_where_they_would_not_help(code: int, needed: int | None) -> None:
    with pytest.raises(SystemFailureError) as caught, system_failures("x", needed):
        raise OSError(code, "failed")
    assert "bytes" not in str(caught.value)


@pytest.mark.skipif(sys.platform != "linux", reason="the sentences are Linux's")
@pytest.mark.parametrize("code", sorted(errors._REASONS))
def test_the_usual_reasons_are_messages_in_the_words_of_the_system(code: int) -> None:
    reason = system_reason(OSError(code, "anything"))
    assert isinstance(reason, Message)
    assert reason == os.strerror(code)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.ETXTBSY, "Text file busy"), "Text file busy"),
        (OSError("cut"), "cut"),
        (OSError(errno.EINVAL, Message("it is a door")), "it is a door"),
    ],
)
def test_any_other_reason_is_as_it_was_given(error: OSError, reason: str) -> None:
    assert system_reason(error) == reason


def test_the_message_of_an_error_is_what_it_was_made_of() -> None:
    message = Message("The {thing} is gone.", thing="index")
    assert NewsearchError(message).message is message
    assert QueryError(message, "", 0).message is message
    assert (str(NewsearchError(message)), NewsearchError().message) == ("The index is gone.", "")
    with pytest.raises(SystemFailureError) as caught, system_failures("x", 12_345):
        raise OSError(errno.ENOSPC, "full")
    assert isinstance(caught.value.message, Message)


def test_an_error_of_the_system_without_a_reason_still_says_something() -> None:
    with pytest.raises(SystemFailureError, match=r"^x: cut\. "), system_failures("x"):
        raise OSError("cut")


@pytest.mark.parametrize("error", [ValueError("other"), KeyboardInterrupt(), QueryError("No.", "", 0)])
def test_any_other_error_passes_as_it_is(error: BaseException) -> None:
    with pytest.raises(type(error)) as caught, system_failures("x"):
        raise error
    assert caught.value is error


def test_nothing_happens_where_nothing_fails() -> None:
    with system_failures("x", 1):
        reached = True
    assert reached
